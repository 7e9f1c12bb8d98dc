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
