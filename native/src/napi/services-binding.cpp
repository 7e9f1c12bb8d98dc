#include "../win/services.hpp"

#include <array>
#include <exception>
#include <utility>
#include <variant>

#include "../win/service-change.hpp"
#include "bindings.hpp"
#include "convert.hpp"
#include "resource-promise.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

struct StartType {
    const wchar_t* name;
    DWORD value;
};

constexpr std::array kStartTypes{
    StartType{L"boot", SERVICE_BOOT_START},      StartType{L"system", SERVICE_SYSTEM_START},
    StartType{L"automatic", SERVICE_AUTO_START}, StartType{L"manual", SERVICE_DEMAND_START},
    StartType{L"disabled", SERVICE_DISABLED},
};

const char* StateName(DWORD state) {
    switch (state) {
        case SERVICE_STOPPED:
            return "STOPPED";
        case SERVICE_START_PENDING:
            return "START_PENDING";
        case SERVICE_STOP_PENDING:
            return "STOP_PENDING";
        case SERVICE_RUNNING:
            return "RUNNING";
        case SERVICE_CONTINUE_PENDING:
            return "CONTINUE_PENDING";
        case SERVICE_PAUSE_PENDING:
            return "PAUSE_PENDING";
        case SERVICE_PAUSED:
            return "PAUSED";
        default:
            throw win::HresultError{E_UNEXPECTED, "QueryServiceStatusEx"};
    }
}

const wchar_t* StartTypeName(DWORD value) {
    for (const StartType& startType : kStartTypes) {
        if (startType.value == value) {
            return startType.name;
        }
    }
    throw win::HresultError{E_UNEXPECTED, "QueryServiceConfigW"};
}

DWORD ToStartType(const Napi::Value& value) {
    const std::wstring name = ToString(value, "startType");
    for (const StartType& startType : kStartTypes) {
        if (startType.name == name) {
            return startType.value;
        }
    }
    throw Napi::TypeError::New(value.Env(),
                               "startType must be boot, system, automatic, manual or disabled.");
}

WantedState ToWanted(const Napi::Value& value) {
    const std::wstring name = ToString(value, "wanted");
    if (name == L"STOPPED") {
        return WantedState::kStopped;
    }
    if (name == L"RUNNING") {
        return WantedState::kRunning;
    }
    throw Napi::TypeError::New(value.Env(), "wanted must be STOPPED or RUNNING.");
}

const char* OutcomeName(win::ChangeOutcome outcome) {
    switch (outcome) {
        case win::ChangeOutcome::kReached:
            return "reached";
        case win::ChangeOutcome::kLost:
            return "lost";
        case win::ChangeOutcome::kTimedOut:
            return "timedOut";
        case win::ChangeOutcome::kCancelled:
            return "cancelled";
    }
    return "";
}

Napi::Object StatusToJs(Napi::Env env, const win::ServiceStatus& status) {
    auto object = Napi::Object::New(env);
    object.Set("state", StateName(status.state));
    object.Set("processId", status.processId);
    object.Set("waitHintMs", status.waitHintMs);
    object.Set("exitCode", status.exitCode);
    return object;
}

Napi::Array NamesToJs(Napi::Env env, const std::vector<std::wstring>& names) {
    auto array = Napi::Array::New(env, names.size());
    for (size_t place = 0; place < names.size(); ++place) {
        array.Set(static_cast<uint32_t>(place), FromString(env, names[place]));
    }
    return array;
}

Napi::Object DescriptionToJs(Napi::Env env, const win::ServiceDescription& service) {
    auto object = StatusToJs(env, service.status);
    object.Set("startType", FromNullable(env, StartTypeName(service.startType)));
    object.Set("delayedStart", Napi::Boolean::New(env, service.isDelayed));
    object.Set("program", FromString(env, service.program.path));
    object.Set("programExists", Napi::Boolean::New(env, service.program.exists));
    object.Set("mayStart", Napi::Boolean::New(env, service.mayStart));
    object.Set("dependsOn", NamesToJs(env, service.dependsOn));
    return object;
}

Napi::Value ChangeToJs(Napi::Env env, const win::ServiceChangeResult& result) {
    if (const auto* failure = std::get_if<std::exception_ptr>(&result)) {
        std::rethrow_exception(*failure);
    }
    const auto& end = std::get<win::ServiceChangeEnd>(result);
    auto object = Napi::Object::New(env);
    object.Set("outcome", OutcomeName(end.outcome));
    object.Set("state", StateName(end.state));
    object.Set("exitCode", end.exitCode);
    return object;
}

using ChangePromise = ResourcePromise<win::ServiceChange, win::ServiceChangeResult, ChangeToJs>;

}  // namespace

Napi::Value QueryService(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [name = ToString(info[0], "name")] { return win::QueryService(name); },
        [](Napi::Env env, const std::optional<win::ServiceStatus>& status) -> Napi::Value {
            return status ? StatusToJs(env, *status) : env.Null();
        });
}

Napi::Value DescribeService(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [name = ToString(info[0], "name")] { return win::DescribeService(name); },
        [](Napi::Env env, const std::optional<win::ServiceDescription>& service) -> Napi::Value {
            return service ? DescriptionToJs(env, *service) : env.Null();
        });
}

Napi::Value SetServiceStartType(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [name = ToString(info[0], "name"), startType = ToStartType(info[1]),
         isDelayed = ToBool(info[2], "delayedStart")] {
            win::SetServiceStartType(name, startType, isDelayed);
            return std::monostate{};
        },
        [](Napi::Env env, const std::monostate&) { return env.Undefined(); });
}

Napi::Value ListServiceDependencies(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [] { return win::ListServiceDependencies(); },
        [](Napi::Env env, const std::vector<win::ServiceDependencies>& services) -> Napi::Value {
            auto array = Napi::Array::New(env, services.size());
            for (size_t index = 0; index < services.size(); ++index) {
                const Napi::HandleScope scope{env};
                auto service = Napi::Object::New(env);
                service.Set("name", FromString(env, services[index].name));
                service.Set("dependsOn", NamesToJs(env, services[index].dependsOn));
                array.Set(static_cast<uint32_t>(index), service);
            }
            return array;
        });
}

Napi::Value ChangeService(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const win::ServiceChangeOptions options{ToString(info[0], "name"), ToWanted(info[1]),
                                            ToUint32(info[2], "timeoutMs")};
    const auto changing = AtEdge(env, [&] { return ChangePromise::Create(env, options); });
    auto object = Napi::Object::New(env);
    object.Set("ended", changing->Promise());
    object.Set("cancel", Napi::Function::New(
                             env,
                             [changing](const Napi::CallbackInfo& call) {
                                 changing->Settle(call.Env(), win::ServiceChangeEnd{});
                             },
                             "cancel"));
    return object;
}

}  // namespace wsb::napi
