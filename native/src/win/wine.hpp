#pragma once

namespace wsb::win {

/// Tells whether this Windows is Wine, which the lab uses.
///
/// Callers that check a file's security need it: Wine derives the security from the file's Unix
/// mode, with the Unix user as the owner.
[[nodiscard]] bool IsWine();

}  // namespace wsb::win
