#include "background.hpp"

#include <windows.h>

#include <memory>

#include "hresult.hpp"

namespace wsb::win {
namespace {

void CALLBACK OnRun(PTP_CALLBACK_INSTANCE /*instance*/, void* context) {
    const std::unique_ptr<std::function<void()>> work{static_cast<std::function<void()>*>(context)};
    (*work)();
}

HMODULE ThisModule() {
    HMODULE module = nullptr;
    if (::GetModuleHandleExW(
            GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
            reinterpret_cast<const wchar_t*>(&OnRun), &module) == FALSE) {
        ThrowLastError("GetModuleHandleExW");
    }
    return module;
}

}  // namespace

void RunInBackground(std::function<void()> work) {
    TP_CALLBACK_ENVIRON environment{};
    ::InitializeThreadpoolEnvironment(&environment);
    ::SetThreadpoolCallbackRunsLong(&environment);
    ::SetThreadpoolCallbackLibrary(&environment, ThisModule());
    auto owned = std::make_unique<std::function<void()>>(std::move(work));
    if (::TrySubmitThreadpoolCallback(&OnRun, owned.get(), &environment) == FALSE) {
        ThrowLastError("TrySubmitThreadpoolCallback");
    }
    static_cast<void>(owned.release());
}

}  // namespace wsb::win
