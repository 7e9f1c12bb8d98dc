#include <windows.h>

#include <objbase.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "measures.hpp"
#include "samples.hpp"
#include "vss-pipe.hpp"
#include "win/hresult.hpp"
#include "win/registry.hpp"

namespace wsb::bench {
namespace {

using lab::Message;

/// Formats a GUID without braces, as the stand-in for VSS stores it in lower case.
std::wstring PlainId(const GUID& id) {
    wchar_t text[39];
    static_cast<void>(::StringFromGUID2(id, text, ARRAYSIZE(text)));
    return {text + 1, 36};
}

/// Returns the name of the pipe of the subscribed writer with this id.
std::wstring FindInstance(const GUID& id) {
    const std::wstring wanted = PlainId(id);
    const auto key = win::ReadRegistryKey(lab::kVssWriters);
    for (const std::wstring& instance : key ? key->subkeys : std::vector<std::wstring>{}) {
        const auto value =
            win::ReadRegistryValue(std::wstring{lab::kVssWriters} + L"\\" + instance, L"WriterId");
        if (value &&
            ::_wcsicmp(reinterpret_cast<const wchar_t*>(value->data.data()), wanted.c_str()) == 0) {
            return instance;
        }
    }
    throw std::runtime_error{"a writer is not subscribed"};
}

lab::UniqueHandle Connect(const GUID& id) {
    const HANDLE pipe =
        ::CreateFileW(lab::PipePath(FindInstance(id)).c_str(), GENERIC_READ | GENERIC_WRITE, 0,
                      nullptr, OPEN_EXISTING, 0, nullptr);
    if (pipe == INVALID_HANDLE_VALUE) {
        win::ThrowLastError("CreateFileW");
    }
    lab::UniqueHandle owned{pipe};
    DWORD mode = PIPE_READMODE_MESSAGE;
    if (::SetNamedPipeHandleState(pipe, &mode, nullptr, nullptr) == FALSE) {
        win::ThrowLastError("SetNamedPipeHandleState");
    }
    return owned;
}

/// A requester of one writer.
class Backups {
  public:
    explicit Backups(const GUID& writerId) : m_pipe(Connect(writerId)) {}

    /// Makes a backup; returns the microseconds of freeze and thaw, without the copy between them.
    double FreezeAndThaw() {
        Play({L"prepareBackup", L"5", L"0"});
        Play({L"prepareSnapshot", L"{1B2C3D4E-0000-4000-8000-00000000BE7C}", L"C:\\"});
        // VSS asks its providers between the two.
        constexpr DWORD kProvidersMs = 50;
        ::Sleep(kProvidersMs);
        const double freeze = Microseconds([&] { Play({L"freeze"}); });
        // No shadow copy is made in less: whatever a writer does after its answer comes now.
        constexpr DWORD kCopyMs = 200;
        ::Sleep(kCopyMs);
        const double thaw = Microseconds([&] { Play({L"thaw"}); });
        for (const wchar_t* const event : {L"postSnapshot", L"backupComplete", L"backupShutdown"}) {
            Play({event});
        }
        return freeze + thaw;
    }

  private:
    void Play(const Message& event) {
        const auto answer =
            lab::Send(m_pipe.get(), event) ? lab::Receive(m_pipe.get()) : std::nullopt;
        if (!answer || answer->empty() || answer->front() != L"done") {
            throw std::runtime_error{"a writer failed an event"};
        }
    }

    lab::UniqueHandle m_pipe;
};

}  // namespace

void MeasureFreeze(const Request& request) {
    Backups ours{request.ours};
    Backups peer{request.peer};
    // The first backup loads code.
    static_cast<void>(ours.FreezeAndThaw());
    static_cast<void>(peer.FreezeAndThaw());
    Print(Alternate(
        request.rounds, [&] { return std::vector{ours.FreezeAndThaw()}; },
        [&] { return std::vector{peer.FreezeAndThaw()}; }));
}

}  // namespace wsb::bench
