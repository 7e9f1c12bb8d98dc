#include <windows.h>

#include <objbase.h>

#include <cstdio>

#include "com/make-object.hpp"
#include "plain-addin.hpp"
#include "server-process.hpp"
#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::bench {
namespace {

class PlainFactory final : public IClassFactory {
  public:
    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override {
        *result = iid == IID_IUnknown || iid == IID_IClassFactory ? this : nullptr;
        return *result == nullptr ? E_NOINTERFACE : S_OK;
    }
    // The object lives as long as the process.
    STDMETHODIMP_(ULONG) AddRef() noexcept override { return 2; }
    STDMETHODIMP_(ULONG) Release() noexcept override { return 1; }

    STDMETHODIMP CreateInstance(IUnknown* outer, REFIID iid, void** result) noexcept override try {
        *result = nullptr;
        if (outer != nullptr) {
            return CLASS_E_NOAGGREGATION;
        }
        return com::MakeObject<com::IWsbApplicationRestoreSupport, PlainAddin>()->QueryInterface(
            iid, result);
    } catch (...) {
        return win::CaughtHresult();
    }
    STDMETHODIMP LockServer(BOOL lock) noexcept override {
        lock != FALSE ? EnterProcess() : LeaveProcess();
        return S_OK;
    }
};

void Serve(const wchar_t* clsidText) {
    CLSID clsid{};
    win::ThrowIfFailed(::CLSIDFromString(clsidText, &clsid), "CLSIDFromString");
    win::ThrowIfFailed(::CoInitializeEx(nullptr, COINIT_MULTITHREADED), "CoInitializeEx");
    PlainFactory factory;
    win::UniqueAny<DWORD, ::CoRevokeClassObject> classObject;
    win::ThrowIfFailed(
        ::CoRegisterClassObject(clsid, &factory, CLSCTX_LOCAL_SERVER,
                                REGCLS_MULTIPLEUSE | REGCLS_SUSPENDED, classObject.put()),
        "CoRegisterClassObject");
    win::ThrowIfFailed(::CoResumeClassObjects(), "CoResumeClassObjects");
    WaitUntilUnused();
    classObject.reset();
    // Waits until the answer to the last release was sent.
    ::Sleep(100);
}

}  // namespace
}  // namespace wsb::bench

/// Serves the class of its first argument: wsb-bench-server {clsid} -Embedding
int wmain(int count, wchar_t** arguments) {
    if (count < 2) {
        return 2;
    }
    try {
        wsb::bench::Serve(arguments[1]);
        return 0;
    } catch (const wsb::win::HresultError& error) {
        std::fprintf(stderr, "%s failed: 0x%08lX\n", error.api(),
                     static_cast<unsigned long>(error.code()));
        return 1;
    }
}
