#include <windows.h>

#include <bit>
#include <cstdio>

#include "win/unique-any.hpp"

namespace {

using UniqueModule = wsb::win::UniqueAny<HMODULE, ::FreeLibrary>;
using UniqueHandle = wsb::win::UniqueAny<HANDLE, ::CloseHandle>;
using UniqueKey = wsb::win::UniqueAny<HKEY, ::RegCloseKey>;
using UniqueLog = wsb::win::UniqueAny<HANDLE, ::CloseEventLog>;

constexpr const wchar_t* kKey = L"Software\\wsb-addin-lab-question";

/// Tells whether a key that was created in a transaction is gone after the transaction's end.
bool HasRegistryTransactions() {
    const UniqueModule module{::LoadLibraryW(L"ktmw32.dll")};
    using Create =
        HANDLE(WINAPI*)(SECURITY_ATTRIBUTES*, GUID*, DWORD, DWORD, DWORD, DWORD, wchar_t*);
    const auto create =
        module ? std::bit_cast<Create>(::GetProcAddress(module.get(), "CreateTransaction"))
               : nullptr;
    const HANDLE opened =
        create == nullptr ? INVALID_HANDLE_VALUE : create(nullptr, nullptr, 0, 0, 0, 0, nullptr);
    if (opened == INVALID_HANDLE_VALUE) {
        return false;
    }
    UniqueHandle transaction{opened};
    UniqueKey key;
    const LSTATUS created =
        ::RegCreateKeyTransactedW(HKEY_CURRENT_USER, kKey, 0, nullptr, 0, KEY_READ, nullptr,
                                  key.put(), nullptr, transaction.get(), nullptr);
    key.reset();
    // The end without a commit undoes it.
    transaction.reset();
    return created == ERROR_SUCCESS &&
           ::RegDeleteKeyW(HKEY_CURRENT_USER, kKey) == ERROR_FILE_NOT_FOUND;
}

DWORD CountEvents() {
    const UniqueLog log{::OpenEventLogW(nullptr, L"Application")};
    DWORD count = 0;
    return log && ::GetNumberOfEventLogRecords(log.get(), &count) ? count : 0;
}

/// Tells whether an event that is written can be found afterwards.
bool HasReadableEvents() {
    const DWORD before = CountEvents();
    const HANDLE source = ::RegisterEventSourceW(nullptr, L"wsb-addin-lab");
    if (source == nullptr) {
        return false;
    }
    const BOOL written =
        ::ReportEventW(source, EVENTLOG_INFORMATION_TYPE, 0, 1, nullptr, 0, 0, nullptr, nullptr);
    ::DeregisterEventSource(source);
    return written != FALSE && CountEvents() > before;
}

bool HasFlushOfOneFile() {
    const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
    return ntdll != nullptr && ::GetProcAddress(ntdll, "NtFlushBuffersFileEx") != nullptr;
}

const char* JsonOf(bool answer) { return answer ? "true" : "false"; }

}  // namespace

/// Prints what this Windows can do as one JSON object.
int wmain() {
    std::printf(R"({"registryTransactions":%s,"readableEvents":%s,"flushOfOneFile":%s})",
                JsonOf(HasRegistryTransactions()), JsonOf(HasReadableEvents()),
                JsonOf(HasFlushOfOneFile()));
    return EXIT_SUCCESS;
}
