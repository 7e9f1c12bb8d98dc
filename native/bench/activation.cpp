#include <windows.h>

#include <objbase.h>
#include <tlhelp32.h>
#include <wrl/client.h>

#include <cwchar>
#include <functional>
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

/// One side of a measure: its class and the program that COM starts for it.
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

/// Waits until the unused server has exited.
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

UniqueHandle Start(std::wstring command) {
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

/// Waits until a class is available that COM cannot start.
void WaitForClass(const CLSID& clsid) {
    const double limit = Now() + kExitLimitMs / 1000.0;
    for (;;) {
        Microsoft::WRL::ComPtr<IClassFactory> factory;
        const HRESULT result =
            ::CoGetClassObject(clsid, CLSCTX_LOCAL_SERVER, nullptr, IID_IClassFactory,
                               reinterpret_cast<void**>(factory.GetAddressOf()));
        if (SUCCEEDED(result)) {
            return;
        }
        if (Now() > limit) {
            throw win::HresultError{result, "CoGetClassObject"};
        }
        ::Sleep(1);
    }
}

std::vector<double> Serving(const CLSID& clsid, const std::wstring& command) {
    UniqueHandle server;
    std::vector<double> times{Microseconds([&] {
        server = Start(command + L" -Embedding");
        WaitForClass(clsid);
    })};
    // Uses the server once, because an unused server waits a minute for its first client.
    static_cast<void>(Activate(clsid));
    WaitForExit(server);
    return times;
}

std::vector<double> RunToEnd(const std::wstring& command) {
    return {Microseconds([&] { WaitForExit(Start(command)); })};
}

template <typename Measure>
void MeasureStart(int rounds, Measure ours, Measure peer) {
    // Loads the files into the system's cache.
    static_cast<void>(ours());
    static_cast<void>(peer());
    Print(Alternate(rounds, ours, peer));
}

}  // namespace

void MeasureColdStart(const Request& request) {
    using Measure = std::function<std::vector<double>()>;
    MeasureStart<Measure>(
        request.rounds,
        [&] {
            return ColdStart({request.ours, kOurImage});
        },
        [&] {
            return ColdStart({request.peer, kPeerImage});
        });
}

void MeasureServing(const Request& request) {
    using Measure = std::function<std::vector<double>()>;
    MeasureStart<Measure>(
        request.rounds, [&] { return Serving(request.ours, request.text); },
        [&] { return Serving(request.peer, request.peerText); });
}

void MeasureStartBesideProgram(const Request& request) {
    using Measure = std::function<std::vector<double>()>;
    MeasureStart<Measure>(
        request.rounds, [&] { return Serving(request.ours, request.text); },
        [&] { return RunToEnd(request.peerText); });
}

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
