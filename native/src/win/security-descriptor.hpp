#pragma once

#include <windows.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

/// A security descriptor in absolute form, which COM needs; the registry stores the self-relative
/// form.
class AbsoluteDescriptor {
  public:
    /// @param selfRelative Bytes with a DACL, an owner and a group, and no system list.
    /// @exception HresultError ERROR_INVALID_SECURITY_DESCR when Windows does not accept them.
    explicit AbsoluteDescriptor(std::vector<uint8_t> selfRelative);

    /// Returns the descriptor; valid during the life of this object.
    [[nodiscard]] PSECURITY_DESCRIPTOR get() noexcept { return m_descriptor.data(); }

  private:
    std::vector<std::byte> m_descriptor;
    std::vector<std::byte> m_dacl;
    std::vector<std::byte> m_owner;
    std::vector<std::byte> m_group;
};

/// Returns the descriptor in Windows' own notation (SDDL); nothing when Windows refuses the bytes.
/// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format
[[nodiscard]] std::optional<std::wstring> DescribeSecurity(std::vector<uint8_t> selfRelative);

/// Returns the name of an account, such as `BUILTIN\Users`; nothing when it is unknown.
[[nodiscard]] std::optional<std::wstring> AccountName(const std::wstring& sid);

}  // namespace wsb::win
