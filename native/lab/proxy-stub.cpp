#include <windows.h>
#include <objbase.h>

#include "error-info-hook.hpp"

// What the generated dlldata.c defines under the prefix the build gives it.
extern "C" {
BOOL WINAPI GeneratedDllMain(HINSTANCE module, DWORD reason, LPVOID reserved);
HRESULT WINAPI GeneratedDllGetClassObject(REFCLSID clsid, REFIID iid, LPVOID* result);
HRESULT WINAPI GeneratedDllCanUnloadNow();
HRESULT WINAPI GeneratedDllRegisterServer();
HRESULT WINAPI GeneratedDllUnregisterServer();
}

BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, LPVOID reserved) {
    return GeneratedDllMain(module, reason, reserved);
}

// COM asks for the factory before the first proxy or stub of an interface exists, so the hook is
// in place before the first call on both sides.
STDAPI DllGetClassObject(REFCLSID clsid, REFIID iid, LPVOID* result) {
    wsb::lab::InstallErrorInfoHook();
    return GeneratedDllGetClassObject(clsid, iid, result);
}

// COM keeps a hook for the life of the process, and the code behind it with it.
STDAPI DllCanUnloadNow() {
    return wsb::lab::InstallErrorInfoHook() ? S_FALSE : GeneratedDllCanUnloadNow();
}

STDAPI DllRegisterServer() { return GeneratedDllRegisterServer(); }

STDAPI DllUnregisterServer() { return GeneratedDllUnregisterServer(); }
