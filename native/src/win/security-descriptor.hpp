#pragma once

#include <windows.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

/// A security descriptor in absolute form: what COM wants, where the registry holds the
/// self-relative one.
class AbsoluteDescriptor {
  public:
    /// @param selfRelative Bytes with a DACL, an owner and a group, and no system list.
    /// @exception HresultError ERROR_INVALID_SECURITY_DESCR when Windows does not accept them.
    explicit AbsoluteDescriptor(std::vector<uint8_t> selfRelative);

    /// Valid as long as this object.
    [[nodiscard]] PSECURITY_DESCRIPTOR get() noexcept { return m_descriptor.data(); }

  private:
    std::vector<std::byte> m_descriptor;
    std::vector<std::byte> m_dacl;
    std::vector<std::byte> m_owner;
    std::vector<std::byte> m_group;
};

/// The descriptor in Windows' own notation (SDDL); none when Windows does not accept the bytes.
/// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
[[nodiscard]] std::optional<std::wstring> DescribeSecurity(std::vector<uint8_t> selfRelative);

/// Name of an account as `BUILTIN\Users`; none when nobody knows it.
[[nodiscard]] std::optional<std::wstring> AccountName(const std::wstring& sid);

}  // namespace wsb::win
