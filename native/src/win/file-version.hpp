#pragma once

#include <windows.h>

#include <optional>
#include <string>

namespace wsb::win {

/// A file as it was when this object was made: size and time of the last write.
class FileVersion {
  public:
    explicit FileVersion(std::wstring path);

    /// Tells whether the file is another one by now. A file that cannot be looked at, then or now,
    /// counts as the same.
    [[nodiscard]] bool HasChanged() const noexcept;

  private:
    struct Stamp {
        ULONGLONG lastWrite;
        ULONGLONG sizeBytes;
        bool operator==(const Stamp&) const = default;
    };

    [[nodiscard]] static std::optional<Stamp> Read(const std::wstring& path) noexcept;

    const std::wstring m_path;
    const std::optional<Stamp> m_stamp;
};

}  // namespace wsb::win
