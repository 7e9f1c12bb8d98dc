#include <windows.h>
#include <objbase.h>

#include "error-info-hook.hpp"

// Functions of the generated dlldata.c, with the prefix that the build sets.
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

// COM asks for the factory before it makes the first proxy or stub of an interface, so the hook is
// installed on both sides before the first call.
STDAPI DllGetClassObject(REFCLSID clsid, REFIID iid, LPVOID* result) {
    wsb::lab::InstallErrorInfoHook();
    return GeneratedDllGetClassObject(clsid, iid, result);
}

// COM keeps a hook for the life of the process, so its code must stay loaded.
STDAPI DllCanUnloadNow() {
    return wsb::lab::InstallErrorInfoHook() ? S_FALSE : GeneratedDllCanUnloadNow();
}

STDAPI DllRegisterServer() { return GeneratedDllRegisterServer(); }

STDAPI DllUnregisterServer() { return GeneratedDllUnregisterServer(); }
