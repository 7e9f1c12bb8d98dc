#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "../core/trust-rules.hpp"

namespace wsb::win {

/// What stands at a path, and why it must not be obeyed, if so.
struct Inspection {
    ObjectKind kind;
    bool isReparsePoint;
    std::wstring owner;
    std::optional<Distrust> distrust;
};

/// Looks at a file or folder through one handle, without following a link; nothing when it is
/// missing. Its folders are not looked at.
/// @exception HresultError for any other failure.
[[nodiscard]] std::optional<Inspection> InspectProtected(const std::wstring& path);

/// A path that must not be obeyed.
struct ForeignPath {
    std::wstring path;
    std::wstring owner;
    Distrust distrust;
};

/// Nothing when the file or a folder is missing; the whole content; or what is in the way.
using ProtectedRead = std::variant<std::monostate, std::vector<uint8_t>, ForeignPath>;

/// Reads a file that only trusted accounts may change, as all of its folders.
///
/// Each is checked through the handle that is read, and the folders stay open meanwhile, so that
/// nobody can put another in the place of one that was checked.
/// @param folders The folders of the file that are checked, the highest first.
/// @exception HresultError ERROR_FILE_TOO_LARGE for a file of more than `maxBytes`; any other
///            failure.
[[nodiscard]] ProtectedRead ReadProtectedFile(const std::vector<std::wstring>& folders,
                                              const std::wstring& file, uint32_t maxBytes);

/// Renames a file, a folder or a link itself, also when its list denies that to Administrators.
/// @exception HresultError ERROR_ALREADY_EXISTS when there is something at `to`; any other failure.
void MoveAside(const std::wstring& from, const std::wstring& to);

}  // namespace wsb::win
