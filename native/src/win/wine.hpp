#pragma once

namespace wsb::win {

/// Whether this Windows is Wine, which the lab runs in.
///
/// Wine makes a file's security up from its Unix mode, with the one Unix user as the owner: whoever
/// judges it has to know.
[[nodiscard]] bool IsWine();

}  // namespace wsb::win
