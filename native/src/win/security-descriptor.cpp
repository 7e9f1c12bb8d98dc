#include "security-descriptor.hpp"

#include <sddl.h>

#include "hresult.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueLocal = UniqueAny<void*, ::LocalFree>;

// https://learn.microsoft.com/openspecs/windows_protocols/ms-dtyp/7d4dac05-9cef-4563-a058-f108abecce1d
struct SelfRelativeHeader {
    BYTE revision;
    BYTE reserved;
    WORD control;
    DWORD owner;
    DWORD group;
    DWORD sacl;
    DWORD dacl;
};

// Windows' own check does not know the length of the buffer.
bool LiesWithin(const std::vector<uint8_t>& bytes, DWORD offset, size_t headSize) {
    return offset >= sizeof(SelfRelativeHeader) && offset % sizeof(DWORD) == 0 &&
           offset <= bytes.size() && bytes.size() - offset >= headSize;
}

bool HoldsSid(std::vector<uint8_t>& bytes, DWORD offset) {
    if (!LiesWithin(bytes, offset, sizeof(SID))) {
        return false;
    }
    auto* sid = reinterpret_cast<SID*>(bytes.data() + offset);
    return LiesWithin(bytes, offset, ::GetSidLengthRequired(sid->SubAuthorityCount)) &&
           ::IsValidSid(sid) != FALSE;
}

bool HoldsAcl(std::vector<uint8_t>& bytes, DWORD offset) {
    if (!LiesWithin(bytes, offset, sizeof(ACL))) {
        return false;
    }
    auto* acl = reinterpret_cast<ACL*>(bytes.data() + offset);
    return LiesWithin(bytes, offset, acl->AclSize) && ::IsValidAcl(acl) != FALSE;
}

bool IsUsable(std::vector<uint8_t>& bytes) {
    if (bytes.size() < sizeof(SelfRelativeHeader)) {
        return false;
    }
    const auto* header = reinterpret_cast<const SelfRelativeHeader*>(bytes.data());
    constexpr WORD kNeeded = SE_SELF_RELATIVE | SE_DACL_PRESENT;
    return (header->control & kNeeded) == kNeeded && header->sacl == 0 &&
           HoldsSid(bytes, header->owner) && HoldsSid(bytes, header->group) &&
           HoldsAcl(bytes, header->dacl) && ::IsValidSecurityDescriptor(bytes.data()) != FALSE;
}

}  // namespace

AbsoluteDescriptor::AbsoluteDescriptor(std::vector<uint8_t> selfRelative) {
    if (!IsUsable(selfRelative)) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_INVALID_SECURITY_DESCR),
                           "IsValidSecurityDescriptor"};
    }
    // Each part is at most as large as the whole.
    auto descriptorSize = static_cast<DWORD>(sizeof(SECURITY_DESCRIPTOR));
    auto daclSize = static_cast<DWORD>(selfRelative.size());
    DWORD saclSize = 0;
    DWORD ownerSize = daclSize;
    DWORD groupSize = daclSize;
    m_descriptor.resize(descriptorSize);
    m_dacl.resize(daclSize);
    m_owner.resize(ownerSize);
    m_group.resize(groupSize);
    if (::MakeAbsoluteSD(selfRelative.data(), m_descriptor.data(), &descriptorSize,
                         reinterpret_cast<PACL>(m_dacl.data()), &daclSize, nullptr, &saclSize,
                         m_owner.data(), &ownerSize, m_group.data(), &groupSize) == FALSE) {
        ThrowLastError("MakeAbsoluteSD");
    }
}

std::optional<std::wstring> DescribeSecurity(std::vector<uint8_t> selfRelative) {
    if (!IsUsable(selfRelative)) {
        return std::nullopt;
    }
    LPWSTR text = nullptr;
    if (::ConvertSecurityDescriptorToStringSecurityDescriptorW(
            selfRelative.data(), SDDL_REVISION_1,
            OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
            &text, nullptr) == FALSE) {
        ThrowLastError("ConvertSecurityDescriptorToStringSecurityDescriptorW");
    }
    const UniqueLocal release{text};
    return std::wstring{text};
}

std::optional<std::wstring> AccountName(const std::wstring& sid) {
    PSID binary = nullptr;
    if (::ConvertStringSidToSidW(sid.c_str(), &binary) == FALSE) {
        ThrowLastError("ConvertStringSidToSidW");
    }
    const UniqueLocal release{binary};
    // Large enough for the longest account and domain names:
    // https://learn.microsoft.com/windows/win32/api/lmaccess/
    wchar_t name[257] = {};
    wchar_t domain[257] = {};
    DWORD nameSize = ARRAYSIZE(name);
    DWORD domainSize = ARRAYSIZE(domain);
    SID_NAME_USE use{};
    if (::LookupAccountSidW(nullptr, binary, name, &nameSize, domain, &domainSize, &use) == FALSE) {
        return std::nullopt;
    }
    const std::wstring prefix = domain[0] == L'\0' ? std::wstring{} : std::wstring{domain} + L"\\";
    return prefix + name;
}

}  // namespace wsb::win
