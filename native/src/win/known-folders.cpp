#include "known-folders.hpp"

#include <windows.h>

#include <knownfolders.h>
#include <objbase.h>
#include <shlobj.h>

#include "hresult.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

std::wstring ProgramData() {
    PWSTR path = nullptr;
    const HRESULT result =
        ::SHGetKnownFolderPath(FOLDERID_ProgramData, KF_FLAG_DONT_VERIFY, nullptr, &path);
    const UniqueAny<void*, ::CoTaskMemFree> release{path};
    ThrowIfFailed(result, "SHGetKnownFolderPath");
    return path;
}

std::wstring WindowsFolder() {
    std::wstring folder(MAX_PATH, L'\0');
    const UINT length =
        ::GetSystemWindowsDirectoryW(folder.data(), static_cast<UINT>(folder.size()));
    if (length == 0 || length > folder.size()) {
        ThrowLastError("GetSystemWindowsDirectoryW");
    }
    folder.resize(length);
    return folder;
}

}  // namespace

KnownFolders FindKnownFolders() { return {ProgramData(), WindowsFolder()}; }

}  // namespace wsb::win
