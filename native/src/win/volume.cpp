#include "volume.hpp"

#include <windows.h>

namespace wsb::win {

std::wstring VolumeOf(const std::wstring& path) {
    // No mount point is longer than its path, but for the backslash of a drive.
    std::wstring volume(path.size() + 2, L'\0');
    if (::GetVolumePathNameW(path.c_str(), volume.data(), static_cast<DWORD>(volume.size())) ==
        FALSE) {
        return path.substr(0, 2) + L"\\";
    }
    volume.resize(volume.find(L'\0'));
    return volume;
}

}  // namespace wsb::win
