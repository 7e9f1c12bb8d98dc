#pragma once

#include <windows.h>

#include <string>
#include <string_view>

#include "win/unique-any.hpp"

namespace wsb::bench {

/// The freeze journal of the C++ writer. Like the kit's, a record is flushed and read back before
/// its step is taken.
class PlainJournal {
  public:
    explicit PlainJournal(std::wstring path) : m_path(std::move(path)) {}

    /// Replaces the journal by one with this record: written, flushed, renamed, and open.
    void Begin(std::string_view record);

    /// Appends a record; it is on the disk, and was read back, when this returns.
    void Append(std::string_view record);

  private:
    using UniqueFile = win::UniqueAny<HANDLE, ::CloseHandle>;

    [[nodiscard]] static UniqueFile Open(const std::wstring& path, DWORD disposition);
    void Write(const UniqueFile& file, std::string_view record);

    const std::wstring m_path;
    UniqueFile m_file;
    DWORD m_sizeBytes = 0;
};

}  // namespace wsb::bench
