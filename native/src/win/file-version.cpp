#include "file-version.hpp"

#include <utility>

namespace wsb::win {
namespace {

ULONGLONG Join(DWORD high, DWORD low) noexcept {
    ULARGE_INTEGER value{};
    value.HighPart = high;
    value.LowPart = low;
    return value.QuadPart;
}

}  // namespace

FileVersion::FileVersion(std::wstring path) : m_path(std::move(path)), m_stamp(Read(m_path)) {}

bool FileVersion::HasChanged() const noexcept {
    if (!m_stamp) {
        return false;
    }
    const auto now = Read(m_path);
    return now && *now != *m_stamp;
}

std::optional<FileVersion::Stamp> FileVersion::Read(const std::wstring& path) noexcept {
    WIN32_FILE_ATTRIBUTE_DATA data{};
    if (::GetFileAttributesExW(path.c_str(), GetFileExInfoStandard, &data) == FALSE) {
        return std::nullopt;
    }
    const auto& [low, high] = data.ftLastWriteTime;
    return Stamp{Join(high, low), Join(data.nFileSizeHigh, data.nFileSizeLow)};
}

}  // namespace wsb::win
