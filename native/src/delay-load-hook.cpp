// Binds the Node-API functions to the executable that loaded the add-on, whatever its name. With an
// ordinary import of node.exe, the add-on would load a second Node.js from the PATH when its host
// is a renamed or single-file executable. The hook of cmake-js works only with MSVC.
// https://learn.microsoft.com/cpp/build/reference/notification-hooks

#include <windows.h>

#include <delayimp.h>

#include <bit>
#include <cstring>

namespace {

FARPROC WINAPI LoadHost(unsigned notification, DelayLoadInfo* info) {
#ifndef _MSC_VER
    // The helper of mingw-w64 then writes to this entry of the import table, which binutils 2.44
    // and later make read-only. It stays writable, as with earlier binutils: other threads write to
    // entries on the same page. MSVC's helper changes the protection of its table itself.
    if (notification == dliStartProcessing) {
        DWORD previous = 0;
        ::VirtualProtect(info->ppfn, sizeof *info->ppfn, PAGE_READWRITE, &previous);
        return nullptr;
    }
#endif
    if (notification != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) {
        return nullptr;
    }
    return std::bit_cast<FARPROC>(::GetModuleHandleW(nullptr));
}

}  // namespace

extern "C" {
// MSVC declares the hook const since Visual Studio 2015 update 3; mingw does not.
decltype(__pfnDliNotifyHook2) __pfnDliNotifyHook2 = LoadHost;
}
