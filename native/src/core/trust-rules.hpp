#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "access-entry.hpp"

namespace wsb {

enum class ObjectKind { kFile, kFolder };

/// What is known of an open file or folder.
struct ObjectFacts {
    ObjectKind kind;
    bool isReparsePoint;
    uint32_t hardLinks;
    std::wstring owner;                               // empty on a disk without owners
    std::optional<std::vector<AccessEntry>> entries;  // none: a NULL list, which allows everything
};

enum class DistrustReason {
    /// Its name leads to another place.
    kReparsePoint,
    /// A file where a folder must be, or the other way round.
    kKind,
    /// Another account owns it, and can always change its list.
    kOwner,
    /// The file has another name, in a folder that was not checked.
    kHardLink,
    /// Its list lets another account change it.
    kAccess,
};

/// Why a file or folder is not obeyed.
struct Distrust {
    DistrustReason reason;
    std::wstring account;  // the SID that may change it; empty when the reason is another one
};

/// Returns why a file or folder must not be obeyed; nothing when only trusted accounts may change
/// it.
///
/// Entries that deny a right change nothing here: a list that needs them is no list of the kit.
/// Entries that only new objects below inherit count like others.
/// @param trusted The SIDs of the accounts that may own and change it.
[[nodiscard]] std::optional<Distrust> FindDistrust(const ObjectFacts& facts, ObjectKind wanted,
                                                   const std::vector<std::wstring>& trusted);

}  // namespace wsb
