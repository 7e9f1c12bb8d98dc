// Holds every process of the lab still, as a shadow copy holds every write.
//
// wsb-lab-holder.exe hold [process id]...: suspends every process but Wine's own, itself and the
// named
//   ones, and answers ["held", processes, threads]. Then it reads commands from standard input:
//   ["again"] holds newcomers and answers ["held", …] with their numbers, so that 0 means that
//   nobody came. ["release"], or the end of the input, lets everybody go: ["released", processes].
// wsb-lab-holder.exe release: lets every process go that a killed holder left suspended.
// On a Windows that is not Wine it does nothing, with exit code 2: it would hold the machine.

#include <windows.h>

#include <tlhelp32.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cwctype>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "line-channel.hpp"
#include "process-arguments.hpp"
#include "win/hresult.hpp"
#include "win/unique-any.hpp"
#include "win/wine.hpp"

namespace wsb::lab {
namespace {

using NtProcessFunction = LONG(NTAPI*)(HANDLE process);

// Without these, nobody could be released, started or asked.
constexpr std::array kWinesOwn{L"services.exe",
                               L"rpcss.exe",
                               L"svchost.exe",
                               L"plugplay.exe",
                               L"winedevice.exe",
                               L"explorer.exe",
                               L"conhost.exe",
                               L"start.exe",
                               L"wineboot.exe",
                               L"wsb-lab-holder.exe",
                               L"wsb-lab-vss-requester.exe"};

NtProcessFunction NtFunction(const char* name) {
    const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
    const auto function =
        reinterpret_cast<NtProcessFunction>(reinterpret_cast<void*>(::GetProcAddress(ntdll, name)));
    if (function == nullptr) {
        win::ThrowLastError("GetProcAddress");
    }
    return function;
}

UniqueHandle Snapshot(DWORD flags) {
    UniqueHandle snapshot{::CreateToolhelp32Snapshot(flags, 0)};
    if (snapshot.get() == INVALID_HANDLE_VALUE) {
        static_cast<void>(snapshot.release());
        win::ThrowLastError("CreateToolhelp32Snapshot");
    }
    return snapshot;
}

bool IsWinesOwn(std::wstring program) {
    std::ranges::transform(program, program.begin(),
                           [](wchar_t unit) { return static_cast<wchar_t>(std::towlower(unit)); });
    return std::ranges::find(kWinesOwn, program) != kWinesOwn.end();
}

std::set<DWORD> OtherProcesses(const std::set<DWORD>& spared) {
    const UniqueHandle snapshot = Snapshot(TH32CS_SNAPPROCESS);
    std::set<DWORD> processes;
    PROCESSENTRY32W entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = ::Process32FirstW(snapshot.get(), &entry); more != FALSE;
         more = ::Process32NextW(snapshot.get(), &entry)) {
        if (entry.th32ProcessID != 0 && !IsWinesOwn(entry.szExeFile) &&
            !spared.contains(entry.th32ProcessID)) {
            processes.insert(entry.th32ProcessID);
        }
    }
    return processes;
}

template <typename Visit>
void ForEachThread(Visit visit) {
    const UniqueHandle snapshot = Snapshot(TH32CS_SNAPTHREAD);
    THREADENTRY32 entry{};
    entry.dwSize = sizeof entry;
    for (BOOL more = ::Thread32First(snapshot.get(), &entry); more != FALSE;
         more = ::Thread32Next(snapshot.get(), &entry)) {
        visit(entry.th32OwnerProcessID, entry.th32ThreadID);
    }
}

/// Returns when a suspended thread stands still. A thread goes on for a while after it was
/// suspended; its registers cannot be read before.
bool StandsStill(DWORD threadId) {
    const UniqueHandle thread{
        ::OpenThread(THREAD_GET_CONTEXT | THREAD_SUSPEND_RESUME, FALSE, threadId)};
    CONTEXT registers{};
    registers.ContextFlags = CONTEXT_CONTROL;
    return thread && ::GetThreadContext(thread.get(), &registers) != FALSE;
}

class Holder {
  public:
    explicit Holder(std::set<DWORD> spared) : m_spared(std::move(spared)) {
        m_spared.insert(::GetCurrentProcessId());
    }
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    ~Holder() { Release(); }

    /// Holds everybody who is not held yet, until a round finds nobody.
    Message Hold() {
        std::set<DWORD> held;
        for (std::set<DWORD> round = HoldRound(); !round.empty(); round = HoldRound()) {
            held.merge(round);
        }
        size_t threads = 0;
        ForEachThread([&](DWORD process, DWORD thread) {
            threads += held.contains(process) && StandsStill(thread) ? 1 : 0;
        });
        return {L"held", std::to_wstring(held.size()), std::to_wstring(threads)};
    }

    size_t Release() noexcept {
        for (const auto& [id, process] : m_held) {
            m_resume(process.get());
        }
        const size_t count = m_held.size();
        m_held.clear();
        return count;
    }

  private:
    std::set<DWORD> HoldRound() {
        std::set<DWORD> newcomers;
        for (const DWORD id : OtherProcesses(m_spared)) {
            if (m_held.contains(id)) {
                continue;
            }
            UniqueHandle process{::OpenProcess(PROCESS_SUSPEND_RESUME, FALSE, id)};
            if (process && m_suspend(process.get()) >= 0) {
                m_held.emplace(id, std::move(process));
                newcomers.insert(id);
            }
        }
        return newcomers;
    }

    const NtProcessFunction m_suspend = NtFunction("NtSuspendProcess");
    const NtProcessFunction m_resume = NtFunction("NtResumeProcess");
    std::set<DWORD> m_spared;
    std::map<DWORD, UniqueHandle> m_held;
};

/// Resumes every suspended thread until it runs, however often it was suspended.
size_t ReleaseAll() {
    std::set<DWORD> released;
    const std::set<DWORD> processes = OtherProcesses({::GetCurrentProcessId()});
    ForEachThread([&](DWORD process, DWORD threadId) {
        if (!processes.contains(process)) {
            return;
        }
        const UniqueHandle thread{::OpenThread(THREAD_SUSPEND_RESUME, FALSE, threadId)};
        constexpr auto kFailed = static_cast<DWORD>(-1);
        for (DWORD before = thread ? ::ResumeThread(thread.get()) : 0;
             before != 0 && before != kFailed; before = ::ResumeThread(thread.get())) {
            released.insert(process);
        }
    });
    return released.size();
}

void Serve(const std::vector<std::wstring>& arguments) {
    LineChannel channel;
    if (arguments.empty() || arguments[0] == L"release") {
        channel.Write({L"released", std::to_wstring(ReleaseAll())});
        return;
    }
    std::set<DWORD> spared;
    for (size_t index = 1; index < arguments.size(); ++index) {
        spared.insert(std::stoul(arguments[index]));
    }
    Holder holder{std::move(spared)};
    channel.Write(holder.Hold());
    while (const auto command = channel.Read()) {
        if (command->empty() || command->at(0) != L"again") {
            break;
        }
        channel.Write(holder.Hold());
    }
    channel.Write({L"released", std::to_wstring(holder.Release())});
}

}  // namespace
}  // namespace wsb::lab

int wmain() try {
    if (!wsb::win::IsWine()) {
        return 2;
    }
    wsb::lab::Serve(wsb::lab::ProcessArguments());
    return 0;
} catch (...) {
    return 1;
}
