#include "src/core/trust-rules.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsb {
namespace {

const std::wstring kSystem = L"S-1-5-18";
const std::wstring kAdministrators = L"S-1-5-32-544";
const std::wstring kUser = L"S-1-5-21-1-2-3-1001";
const std::vector<std::wstring> kTrusted{kSystem, kAdministrators};
constexpr uint32_t kAll = 0x1f01ff;
constexpr uint32_t kRead = 0x120089;
constexpr uint8_t kInheritOnly = 0x8;

AccessEntry Allow(const std::wstring& sid, uint32_t mask, uint8_t flags = 0) {
    return {AccessKind::Allow, sid, mask, flags};
}

ObjectFacts Facts(ObjectKind kind = ObjectKind::kFile) {
    return {kind, false, 1, kAdministrators,
            std::vector<AccessEntry>{Allow(kSystem, kAll), Allow(kAdministrators, kAll)}};
}

std::optional<DistrustReason> Reason(const ObjectFacts& facts) {
    const auto found = FindDistrust(facts, facts.kind, kTrusted);
    return found ? std::optional{found->reason} : std::nullopt;
}

}  // namespace

TEST_SUITE("trust in what is on the disk") {
    TEST_CASE("is given to what SYSTEM or Administrators own and nobody else can change") {
        for (const ObjectKind kind : {ObjectKind::kFile, ObjectKind::kFolder}) {
            for (const std::wstring& owner : kTrusted) {
                ObjectFacts facts = Facts(kind);
                facts.owner = owner;
                facts.entries->push_back(Allow(kUser, kRead));
                CHECK_FALSE(Reason(facts));
            }
        }
    }

    TEST_CASE("is not given to another owner, nor to none") {
        for (const std::wstring& owner : {kUser, std::wstring{}}) {
            ObjectFacts facts = Facts();
            facts.owner = owner;
            CHECK(Reason(facts) == DistrustReason::kOwner);
            CHECK(FindDistrust(facts, facts.kind, kTrusted)->account == owner);
        }
    }

    TEST_CASE("is not given where another account has one right to change it") {
        for (const uint32_t right : {0x2U, 0x4U, 0x10U, 0x40U, 0x100U, 0x10000U, 0x40000U, 0x80000U,
                                     0x2000000U, 0x10000000U, 0x40000000U}) {
            CAPTURE(right);
            ObjectFacts facts = Facts();
            facts.entries->push_back(Allow(kUser, right | kRead));
            CHECK(Reason(facts) == DistrustReason::kAccess);
            CHECK(FindDistrust(facts, facts.kind, kTrusted)->account == kUser);
        }
    }

    TEST_CASE("is not given where new files below would be open to others") {
        ObjectFacts facts = Facts(ObjectKind::kFolder);
        facts.entries->push_back(Allow(kUser, kAll, kInheritOnly));
        CHECK(Reason(facts) == DistrustReason::kAccess);
    }

    TEST_CASE("is not saved by an entry that denies the right first") {
        ObjectFacts facts = Facts();
        facts.entries->insert(facts.entries->begin(),
                              AccessEntry{AccessKind::Deny, kUser, kAll, 0});
        CHECK_FALSE(Reason(facts));
        facts.entries->push_back(Allow(kUser, kAll));
        CHECK(Reason(facts) == DistrustReason::kAccess);
    }

    TEST_CASE("is not given to a NULL list, and is given to an empty one") {
        ObjectFacts facts = Facts();
        facts.entries = std::vector<AccessEntry>{};
        CHECK_FALSE(Reason(facts));
        facts.entries = std::nullopt;
        CHECK(Reason(facts) == DistrustReason::kAccess);
    }

    TEST_CASE("is given to the owner's placeholders, but not to the creator's group") {
        ObjectFacts facts = Facts(ObjectKind::kFolder);
        facts.entries->push_back(Allow(L"S-1-3-0", kAll, kInheritOnly));
        facts.entries->push_back(Allow(L"S-1-3-4", kAll));
        CHECK_FALSE(Reason(facts));
        facts.entries->push_back(Allow(L"S-1-3-1", kAll, kInheritOnly));
        CHECK(Reason(facts) == DistrustReason::kAccess);
    }

    TEST_CASE("is not given to a file with another name; folders have more links") {
        ObjectFacts facts = Facts();
        facts.hardLinks = 2;
        CHECK(Reason(facts) == DistrustReason::kHardLink);
        facts.kind = ObjectKind::kFolder;
        CHECK_FALSE(Reason(facts));
    }

    TEST_CASE("is not given to a link, nor to a file in place of a folder") {
        ObjectFacts facts = Facts(ObjectKind::kFolder);
        facts.isReparsePoint = true;
        CHECK(Reason(facts) == DistrustReason::kReparsePoint);
        const auto found = FindDistrust(Facts(), ObjectKind::kFolder, kTrusted);
        REQUIRE(found);
        CHECK(found->reason == DistrustReason::kKind);
        CHECK(FindDistrust(Facts(ObjectKind::kFolder), ObjectKind::kFile, kTrusted));
    }
}

}  // namespace wsb
