#pragma once

#include <windows.h>

#include <string>
#include <string_view>

#include "win/unique-any.hpp"

namespace wsb::bench {

/// The freeze journal of the C++ writer. It reaches the disk when the kit's journal does.
class PlainJournal {
  public:
    explicit PlainJournal(std::wstring path) : m_path(std::move(path)) {}

    /// Replaces the journal by one with this record: written, flushed, renamed, and open.
    void Begin(std::string_view record);

    /// Appends a record; it is on the disk when this returns.
    void Append(std::string_view record) const;

  private:
    using UniqueFile = win::UniqueAny<HANDLE, ::CloseHandle>;

    [[nodiscard]] static UniqueFile Open(const std::wstring& path, DWORD disposition);
    static void Write(const UniqueFile& file, std::string_view record);

    const std::wstring m_path;
    UniqueFile m_file;
};

}  // namespace wsb::bench
