#include "remote.hpp"

#include "win/hresult.hpp"

namespace wsb::bench {

Remote Activate(const CLSID& clsid) {
    Remote remote;
    win::ThrowIfFailed(
        ::CoCreateInstance(clsid, nullptr, CLSCTX_LOCAL_SERVER, com::kIidApplicationRestoreSupport,
                           reinterpret_cast<void**>(remote.restore.GetAddressOf())),
        "CoCreateInstance");
    win::ThrowIfFailed(
        remote.restore->QueryInterface(com::kIidApplicationBackupSupport,
                                       reinterpret_cast<void**>(remote.backup.GetAddressOf())),
        "QueryInterface");
    return remote;
}

// The interfaces take non-const strings and do not write to them.

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
