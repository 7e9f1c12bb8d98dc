#include "named-mutex.hpp"

#include <sddl.h>

#include <algorithm>
#include <cstdint>
#include <future>
#include <utility>

#include "hresult.hpp"

namespace wsb::win {
namespace {

using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

/// Creates a mutex that only SYSTEM and Administrators can hold, so that others cannot block us.
UniqueHandle CreateAdministratorsMutex(const std::wstring& name) {
    UniqueAny<void*, ::LocalFree> descriptor;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(L"O:BAD:P(A;;GA;;;SY)(A;;GA;;;BA)",
                                                               SDDL_REVISION_1, descriptor.put(),
                                                               nullptr) == FALSE) {
        ThrowLastError("ConvertStringSecurityDescriptorToSecurityDescriptorW");
    }
    SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor.get(), FALSE};
    UniqueHandle mutex{::CreateMutexW(&attributes, FALSE, name.c_str())};
    if (!mutex) {
        ThrowLastError("CreateMutexW");
    }
    return mutex;
}

UniqueHandle CreateManualEvent() {
    UniqueHandle event{::CreateEventW(nullptr, TRUE, FALSE, nullptr)};
    if (!event) {
        ThrowLastError("CreateEventW");
    }
    return event;
}

}  // namespace

HeldMutex::HeldMutex(UniqueHandle mutex, UniqueHandle release)
    : m_mutex(std::move(mutex)), m_release(std::move(release)) {}

HeldMutex::~HeldMutex() {
    ::SetEvent(m_release.get());
    if (m_owner.joinable()) {
        m_owner.join();
    }
}

std::shared_ptr<HeldMutex> HeldMutex::Acquire(const std::wstring& name,
                                              std::chrono::milliseconds timeout) {
    std::shared_ptr<HeldMutex> held{
        new HeldMutex{CreateAdministratorsMutex(name), CreateManualEvent()}};
    // INFINITE would mean no timeout.
    const auto limit = static_cast<DWORD>(std::min<int64_t>(timeout.count(), INFINITE - 1));
    std::promise<DWORD> waited;
    std::future<DWORD> outcome = waited.get_future();
    held->m_owner = std::thread{[mutex = held->m_mutex.get(), release = held->m_release.get(),
                                 limit, waited = std::move(waited)]() mutable {
        const DWORD result = ::WaitForSingleObject(mutex, limit);
        const bool owned = result == WAIT_OBJECT_0 || result == WAIT_ABANDONED;
        waited.set_value(result);
        if (owned) {
            ::WaitForSingleObject(release, INFINITE);
            ::ReleaseMutex(mutex);
        }
    }};
    switch (outcome.get()) {
        case WAIT_OBJECT_0:
        case WAIT_ABANDONED:
            return held;
        case WAIT_TIMEOUT:
            return nullptr;
        default:
            throw HresultError{E_UNEXPECTED, "WaitForSingleObject"};
    }
}

}  // namespace wsb::win
