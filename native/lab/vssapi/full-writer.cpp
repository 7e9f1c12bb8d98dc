#include <windows.h>

#include "faults.hpp"
#include "win/hresult.hpp"

// A full writer is not played yet.

namespace lab = wsb::lab;

extern "C" HRESULT WINAPI CreateWriter(void* /*writer*/, void** /*impl*/) try {
    lab::PlayFault(L"CreateWriter", "CreateWriter");
    return E_NOTIMPL;
} catch (...) {
    return wsb::win::CaughtHresult();
}

extern "C" HRESULT WINAPI CreateWriterEx(void* /*writer*/, void** /*impl*/) try {
    lab::PlayFault(L"CreateWriterEx", "CreateWriterEx");
    return E_NOTIMPL;
} catch (...) {
    return wsb::win::CaughtHresult();
}
