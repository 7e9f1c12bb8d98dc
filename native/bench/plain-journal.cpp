#include "plain-journal.hpp"

#include "win/hresult.hpp"

namespace wsb::bench {

void PlainJournal::Begin(std::string_view record) {
    // Windows replaces no file that is open.
    m_file.reset();
    const std::wstring temporary = m_path + L".new";
    {
        const UniqueFile file = Open(temporary, CREATE_ALWAYS);
        Write(file, record);
    }
    if (::MoveFileExW(temporary.c_str(), m_path.c_str(),
                      MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH) == FALSE) {
        win::ThrowLastError("MoveFileExW");
    }
    m_file = Open(m_path, OPEN_EXISTING);
}

void PlainJournal::Append(std::string_view record) const { Write(m_file, record); }

PlainJournal::UniqueFile PlainJournal::Open(const std::wstring& path, DWORD disposition) {
    const HANDLE file = ::CreateFileW(path.c_str(), FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ,
                                      nullptr, disposition, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        win::ThrowLastError("CreateFileW");
    }
    return UniqueFile{file};
}

void PlainJournal::Write(const UniqueFile& file, std::string_view record) {
    DWORD written = 0;
    if (::WriteFile(file.get(), record.data(), static_cast<DWORD>(record.size()), &written,
                    nullptr) == FALSE) {
        win::ThrowLastError("WriteFile");
    }
    if (::FlushFileBuffers(file.get()) == FALSE) {
        win::ThrowLastError("FlushFileBuffers");
    }
}

}  // namespace wsb::bench
