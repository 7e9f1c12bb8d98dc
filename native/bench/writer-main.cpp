#include <windows.h>

#include <objbase.h>
#include <wrl/client.h>

#include <cstdio>

#include "plain-writer.hpp"
#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::bench {
namespace {

// The limit between freeze and thaw that VSS allows.
constexpr DWORD kFreezeTimeoutMs = 60'000;
constexpr DWORD kSubscribeTimeoutMs = 300'000;

/// Loads CreateWriterEx; mingw-w64 has no import library of vssapi.dll.
vss::CreateWriterFunction LoadCreateWriter() {
    win::UniqueAny<HMODULE, ::FreeLibrary> library{
        ::LoadLibraryExW(L"vssapi.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32)};
    if (!library) {
        win::ThrowLastError("LoadLibraryExW");
    }
    const auto create = reinterpret_cast<vss::CreateWriterFunction>(
        reinterpret_cast<void*>(::GetProcAddress(library.get(), "CreateWriterEx")));
    if (create == nullptr) {
        win::ThrowLastError("GetProcAddress");
    }
    // Its threads run as long as the process.
    static_cast<void>(library.release());
    return create;
}

/// Takes part in backups until the process is ended.
[[noreturn]] void Serve(const wchar_t* idText, const wchar_t* journal) {
    GUID id{};
    win::ThrowIfFailed(::CLSIDFromString(idText, &id), "CLSIDFromString");
    win::ThrowIfFailed(::CoInitializeEx(nullptr, COINIT_MULTITHREADED), "CoInitializeEx");
    PlainWriter writer{journal};
    Microsoft::WRL::ComPtr<vss::WriterImpl> impl;
    win::ThrowIfFailed(LoadCreateWriter()(&writer, impl.GetAddressOf()), "CreateWriterEx");
    writer.impl = impl.Get();
    win::ThrowIfFailed(
        impl->Initialize(id, L"Bench", nullptr, 0, 0, vss::kUsageUserData, vss::kSourceOther,
                         vss::kLevelFrontEnd, kFreezeTimeoutMs, vss::kNoAlternateWriter, 0),
        "Initialize");
    win::ThrowIfFailed(
        impl->Subscribe(kSubscribeTimeoutMs, vss::kBackupEventsFlag | vss::kPostSnapshotFlag),
        "Subscribe");
    std::puts("subscribed");
    static_cast<void>(std::fflush(stdout));
    for (;;) {
        ::Sleep(INFINITE);
    }
}

}  // namespace
}  // namespace wsb::bench

/// Runs a VSS writer with this id and a journal of its freezes: wsb-bench-writer {id} <journal>
int wmain(int count, wchar_t** arguments) {
    if (count < 3) {
        return 2;
    }
    try {
        wsb::bench::Serve(arguments[1], arguments[2]);
    } catch (const wsb::win::HresultError& error) {
        std::fprintf(stderr, "%s failed: 0x%08lX\n", error.api(),
                     static_cast<unsigned long>(error.code()));
        return 1;
    }
}
