#include "trust-rules.hpp"

#include <algorithm>

namespace wsb {
namespace {

// https://learn.microsoft.com/windows/win32/fileio/file-access-rights-constants
constexpr uint32_t kWriteData = 0x2;
constexpr uint32_t kAppendData = 0x4;
constexpr uint32_t kWriteExtendedAttributes = 0x10;
constexpr uint32_t kDeleteChild = 0x40;
constexpr uint32_t kWriteAttributes = 0x100;  // also sets a reparse point
constexpr uint32_t kDelete = 0x10000;
constexpr uint32_t kWriteDac = 0x40000;
constexpr uint32_t kWriteOwner = 0x80000;
constexpr uint32_t kMaximumAllowed = 0x2000000;
constexpr uint32_t kGenericAll = 0x10000000;
constexpr uint32_t kGenericWrite = 0x40000000;
constexpr uint32_t kChanges = kWriteData | kAppendData | kWriteExtendedAttributes | kDeleteChild |
                              kWriteAttributes | kDelete | kWriteDac | kWriteOwner |
                              kMaximumAllowed | kGenericAll | kGenericWrite;

// Placeholders for the owner, who is checked at each object.
constexpr const wchar_t* kCreatorOwner = L"S-1-3-0";
constexpr const wchar_t* kOwnerRights = L"S-1-3-4";
constexpr const wchar_t* kEveryone = L"S-1-1-0";

bool Contains(const std::vector<std::wstring>& sids, const std::wstring& sid) {
    return std::find(sids.begin(), sids.end(), sid) != sids.end();
}

bool LetsOthersChange(const AccessEntry& entry, const std::vector<std::wstring>& trusted) {
    return entry.kind == AccessKind::Allow && (entry.mask & kChanges) != 0 &&
           entry.sid != kCreatorOwner && entry.sid != kOwnerRights && !Contains(trusted, entry.sid);
}

}  // namespace

std::optional<Distrust> FindDistrust(const ObjectFacts& facts, ObjectKind wanted,
                                     const std::vector<std::wstring>& trusted) {
    if (facts.isReparsePoint) {
        return Distrust{DistrustReason::kReparsePoint, {}};
    }
    if (facts.kind != wanted) {
        return Distrust{DistrustReason::kKind, {}};
    }
    if (!Contains(trusted, facts.owner)) {
        return Distrust{DistrustReason::kOwner, facts.owner};
    }
    if (facts.kind == ObjectKind::kFile && facts.hardLinks > 1) {
        return Distrust{DistrustReason::kHardLink, {}};
    }
    if (!facts.entries) {
        return Distrust{DistrustReason::kAccess, kEveryone};
    }
    const auto found =
        std::find_if(facts.entries->begin(), facts.entries->end(),
                     [&](const AccessEntry& entry) { return LetsOthersChange(entry, trusted); });
    if (found == facts.entries->end()) {
        return std::nullopt;
    }
    return Distrust{DistrustReason::kAccess, found->sid};
}

}  // namespace wsb
