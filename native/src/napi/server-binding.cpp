#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "../com/server.hpp"
#include "../js-dispatcher.hpp"
#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {
namespace {

/// The native side of a NativeServer.
class RunningServer {
  public:
    RunningServer(const com::ServerOptions& options, std::shared_ptr<JsDispatcher> callSink)
        : dispatcher(std::move(callSink)),
          server(
              options, dispatcher, [sink = dispatcher] { sink->ReportIdle(); },
              [sink = dispatcher] { sink->ReportReplaced(); }) {}

    void Stop() {
        server.Stop();
        dispatcher->Stop();
        holds.clear();
    }

    const std::shared_ptr<JsDispatcher> dispatcher;
    com::Server server;
    std::vector<com::ServerUse> holds;
};

CallLimits ReadLimits(const Napi::Object& limits) {
    CallLimits result{};
    for (size_t index = 0; index < result.size(); ++index) {
        const char* method = kMethodNames[index];
        result[index] = std::chrono::milliseconds{ToUint32(limits.Get(method), method)};
    }
    return result;
}

std::vector<uint32_t> ReadOrder(const Napi::Value& value) {
    auto order = ToUint32s(value, "order");
    if (order.size() > com::kMaxComponents) {
        throw Napi::TypeError::New(value.Env(), "order has too many elements.");
    }
    return order;
}

bool IsSet(const Napi::Object& object, const char* name) {
    return object.Has(name) && ToBool(object.Get(name), name);
}

Reply ReadReply(const Napi::Object& object) {
    Reply reply;
    reply.hresult = ToHresult(object.Get("hresult"), "hresult");
    if (object.Has("description")) {
        reply.description = ToString(object.Get("description"), "description");
    }
    if (object.Has("order") && !object.Get("order").IsNull()) {
        reply.order = ReadOrder(object.Get("order"));
    }
    reply.rollForwardSupported = IsSet(object, "rollForwardSupported");
    return reply;
}

Napi::Value Answer(const Napi::CallbackInfo& info, RunningServer& running) {
    const auto id = ToUint32(info[0], "id");
    Reply reply;
    bool startsOperation = false;
    try {
        const auto object = ToObject(info[1], "reply");
        reply = ReadReply(object);
        startsOperation = IsSet(object, "startsOperation");
    } catch (...) {
        // JavaScript gets the exception, and the caller gets an answer now.
        running.dispatcher->Answer(
            id, FailedReply(E_UNEXPECTED, L"The add-in returned a malformed answer."), false);
        throw;
    }
    return Napi::Boolean::New(info.Env(),
                              running.dispatcher->Answer(id, std::move(reply), startsOperation));
}

}  // namespace

Napi::Value StartServer(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const auto options = ToObject(info[0], "options");
    const auto interfaces = ToObject(options.Get("interfaces"), "interfaces");
    const com::ServerOptions serverOptions{
        ToGuid(options.Get("clsid"), "clsid"),
        {ToBool(interfaces.Get("restore"), "interfaces.restore"),
         ToBool(interfaces.Get("backup"), "interfaces.backup")},
        std::chrono::milliseconds{ToUint32(options.Get("lingerMs"), "lingerMs")},
        ToString(options.Get("script"), "script"),
        ToBytes(options.Get("accessDescriptor"), "accessDescriptor")};
    const auto limits = ReadLimits(ToObject(options.Get("limitsMs"), "limitsMs"));
    if (!options.Get("onEvent").IsFunction()) {
        throw Napi::TypeError::New(env, "onEvent must be a function.");
    }

    auto dispatcher =
        JsDispatcher::Create(env, options.Get("onEvent").As<Napi::Function>(), limits);
    auto running = AtEdge(env, [&] {
        try {
            return std::make_shared<RunningServer>(serverOptions, dispatcher);
        } catch (...) {
            dispatcher->Stop();
            throw;
        }
    });
    // Runs before the dispatcher's thread-safe function is destroyed, because that was made
    // earlier.
    env.AddCleanupHook([running] { running->Stop(); });

    auto handle = Napi::Object::New(env);
    handle.Set(
        "answer",
        Napi::Function::New(
            env, [running](const Napi::CallbackInfo& call) { return Answer(call, *running); },
            "answer"));
    handle.Set("finishOperation",
               Napi::Function::New(
                   env,
                   [running](const Napi::CallbackInfo& call) {
                       return Napi::Boolean::New(
                           call.Env(), running->dispatcher->FinishOperation(
                                           ToUint32(call[0], "id"), ToHresult(call[1], "hresult")));
                   },
                   "finishOperation"));
    handle.Set("hold", Napi::Function::New(
                           env,
                           [running](const Napi::CallbackInfo& call) {
                               auto use = com::ServerUse::Begin(running->server.Lifetime());
                               if (!use) {
                                   throw ToError(call.Env(), CO_E_SERVER_STOPPING, "hold");
                               }
                               running->holds.push_back(*std::move(use));
                           },
                           "hold"));
    handle.Set("release", Napi::Function::New(
                              env,
                              [running](const Napi::CallbackInfo&) {
                                  if (!running->holds.empty()) {
                                      running->holds.pop_back();
                                  }
                              },
                              "release"));
    handle.Set("stop", Napi::Function::New(
                           env, [running](const Napi::CallbackInfo&) { running->Stop(); }, "stop"));
    return handle;
}

}  // namespace wsb::napi
