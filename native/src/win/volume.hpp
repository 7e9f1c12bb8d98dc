#pragma once

#include <string>

namespace wsb::win {

/// Returns the mount point of the volume of a local path, such as `D:\`; its drive when Windows
/// does not know the volume. The path need not exist.
[[nodiscard]] std::wstring VolumeOf(const std::wstring& path);

}  // namespace wsb::win
