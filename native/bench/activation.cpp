#include <windows.h>

#include <objbase.h>
#include <tlhelp32.h>

#include <array>
#include <cwchar>
#include <stdexcept>
#include <string>
#include <vector>

#include "measures.hpp"
#include "remote.hpp"
#include "samples.hpp"
#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::bench {
namespace {

using UniqueHandle = win::UniqueAny<HANDLE, ::CloseHandle>;

constexpr wchar_t kOurImage[] = L"node.exe";
constexpr wchar_t kPeerImage[] = L"wsb-bench-server.exe";
constexpr DWORD kExitLimitMs = 30'000;

/// One side: its class, and the program that COM starts for it.
struct Side {
    CLSID clsid;
    const wchar_t* image;
};

UniqueHandle OpenServer(const wchar_t* image) {
    const UniqueHandle snapshot{::CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0)};
    PROCESSENTRY32W entry{};
    entry.dwSize = sizeof entry;
    for (BOOL found = ::Process32FirstW(snapshot.get(), &entry); found != FALSE;
         found = ::Process32NextW(snapshot.get(), &entry)) {
        if (::_wcsicmp(entry.szExeFile, image) == 0) {
            return UniqueHandle{::OpenProcess(SYNCHRONIZE, FALSE, entry.th32ProcessID)};
        }
    }
    return UniqueHandle{};
}

/// Waits until the server that nobody uses any more has gone.
void WaitForExit(const UniqueHandle& server) {
    if (server && ::WaitForSingleObject(server.get(), kExitLimitMs) != WAIT_OBJECT_0) {
        throw win::HresultError{HRESULT_FROM_WIN32(ERROR_TIMEOUT), "WaitForSingleObject"};
    }
}

std::vector<double> ColdStart(const Side& side) {
    WaitForExit(OpenServer(side.image));
    UniqueHandle server;
    std::vector<double> times;
    {
        Remote remote;
        times.push_back(Microseconds([&] {
            remote = Activate(side.clsid);
            PreRestore(remote, nullptr, L"bench");
        }));
        server = OpenServer(side.image);
    }
    WaitForExit(server);
    return times;
}

std::wstring ClsidText(const CLSID& clsid) {
    std::array<wchar_t, 40> text{};
    ::StringFromGUID2(clsid, text.data(), static_cast<int>(text.size()));
    return text.data();
}

std::wstring ServerCommand(const std::wstring& clsid) {
    const std::wstring key = L"SOFTWARE\\Classes\\CLSID\\" + clsid + L"\\LocalServer32";
    std::array<wchar_t, 1024> command{};
    DWORD size = sizeof command;
    win::ThrowIfError(::RegGetValueW(HKEY_LOCAL_MACHINE, key.c_str(), nullptr, RRF_RT_REG_SZ,
                                     nullptr, command.data(), &size),
                      "RegGetValueW");
    return std::wstring{command.data()} + L" -Embedding";
}

UniqueHandle StartServer(std::wstring command) {
    STARTUPINFOW startup{};
    startup.cb = sizeof startup;
    PROCESS_INFORMATION started{};
    if (::CreateProcessW(nullptr, command.data(), nullptr, nullptr, FALSE, 0, nullptr, nullptr,
                         &startup, &started) == FALSE) {
        win::ThrowLastError("CreateProcessW");
    }
    const UniqueHandle thread{started.hThread};
    return UniqueHandle{started.hProcess};
}

/// Waits for the pipe that Wine's COM asks a server for its class through. Windows has none: there
/// an activation does not look once a second only, and this measure is not needed.
void WaitForClass(const std::wstring& clsid) {
    const std::wstring pipe = L"\\\\.\\pipe\\" + clsid;
    const double limit = Now() + kExitLimitMs / 1000.0;
    while (::WaitNamedPipeW(pipe.c_str(), 1) == FALSE) {
        if (Now() > limit) {
            throw win::HresultError{HRESULT_FROM_WIN32(ERROR_TIMEOUT), "WaitNamedPipeW"};
        }
        ::Sleep(1);
    }
}

std::vector<double> Serving(const Side& side) {
    const std::wstring clsid = ClsidText(side.clsid);
    const std::wstring command = ServerCommand(clsid);
    UniqueHandle server;
    const std::vector<double> times{Microseconds([&] {
        server = StartServer(command);
        WaitForClass(clsid);
    })};
    // One that was never used waits a minute for who had it started.
    static_cast<void>(Activate(side.clsid));
    WaitForExit(server);
    return times;
}

template <typename Measure>
void MeasureStart(const Request& request, Measure measure) {
    const Side ours{request.ours, kOurImage};
    const Side peer{request.peer, kPeerImage};
    // Files come into the system's cache.
    static_cast<void>(measure(ours));
    static_cast<void>(measure(peer));
    Print(Alternate(
        request.rounds, [&] { return measure(ours); }, [&] { return measure(peer); }));
}

}  // namespace

void MeasureColdStart(const Request& request) { MeasureStart(request, ColdStart); }

void MeasureServing(const Request& request) { MeasureStart(request, Serving); }

void MeasureWarmStart(const Request& request) {
    const Remote ours = Activate(request.ours);
    const Remote peer = Activate(request.peer);
    const auto times = [&](const CLSID& clsid) {
        std::vector<double> result;
        for (size_t index = 0; index < request.size; ++index) {
            Remote remote;
            result.push_back(Microseconds([&] { remote = Activate(clsid); }));
        }
        return result;
    };
    static_cast<void>(times(request.ours));
    static_cast<void>(times(request.peer));
    Print(Alternate(
        request.rounds, [&] { return times(request.ours); }, [&] { return times(request.peer); }));
}

}  // namespace wsb::bench
