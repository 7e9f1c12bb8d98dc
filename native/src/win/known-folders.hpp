#pragma once

#include <string>

namespace wsb::win {

/// Folders of this Windows, whatever the environment says.
struct KnownFolders {
    std::wstring programData;
    std::wstring windows;
};

/// @exception HresultError when Windows does not tell.
[[nodiscard]] KnownFolders FindKnownFolders();

}  // namespace wsb::win
