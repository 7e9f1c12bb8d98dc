#include "remote.hpp"

#include "win/hresult.hpp"

namespace wsb::bench {

namespace {

// With Wine's COM, an activation fails when it meets a server that is shutting down.
constexpr int kTries = 5;
constexpr DWORD kPauseMs = 300;

HRESULT TryActivate(const CLSID& clsid, Remote& remote) {
    return ::CoCreateInstance(clsid, nullptr, CLSCTX_LOCAL_SERVER,
                              com::kIidApplicationRestoreSupport,
                              reinterpret_cast<void**>(remote.restore.GetAddressOf()));
}

}  // namespace

Remote Activate(const CLSID& clsid) {
    Remote remote;
    HRESULT result = TryActivate(clsid, remote);
    for (int tries = 1; FAILED(result) && tries < kTries; ++tries) {
        ::Sleep(kPauseMs);
        result = TryActivate(clsid, remote);
    }
    win::ThrowIfFailed(result, "CoCreateInstance");
    win::ThrowIfFailed(
        remote.restore->QueryInterface(com::kIidApplicationBackupSupport,
                                       reinterpret_cast<void**>(remote.backup.GetAddressOf())),
        "QueryInterface");
    return remote;
}

// The interfaces take non-const strings but do not write to them.

void PreRestore(const Remote& remote, const wchar_t* metadata, const wchar_t* component) {
    win::ThrowIfFailed(remote.restore->PreRestore(const_cast<LPWSTR>(metadata),
                                                  const_cast<LPWSTR>(component), nullptr, FALSE),
                       "PreRestore");
}

void PostRestore(const Remote& remote, const wchar_t* component) {
    win::ThrowIfFailed(
        remote.restore->PostRestore(nullptr, const_cast<LPWSTR>(component), nullptr, FALSE),
        "PostRestore");
}

}  // namespace wsb::bench
