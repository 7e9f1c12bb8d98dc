#include "plain-journal.hpp"

#include "win/hresult.hpp"

namespace wsb::bench {

void PlainJournal::Begin(std::string_view record) {
    // Windows replaces no file that is open.
    m_file.reset();
    m_sizeBytes = 0;
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

void PlainJournal::Append(std::string_view record) { Write(m_file, record); }

PlainJournal::UniqueFile PlainJournal::Open(const std::wstring& path, DWORD disposition) {
    const HANDLE file = ::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ,
                                      nullptr, disposition, FILE_ATTRIBUTE_NORMAL, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        win::ThrowLastError("CreateFileW");
    }
    return UniqueFile{file};
}

void PlainJournal::Write(const UniqueFile& file, std::string_view record) {
    const auto sizeBytes = static_cast<DWORD>(record.size());
    OVERLAPPED place{};
    place.Offset = m_sizeBytes;
    DWORD written = 0;
    if (::WriteFile(file.get(), record.data(), sizeBytes, &written, &place) == FALSE) {
        win::ThrowLastError("WriteFile");
    }
    if (::FlushFileBuffers(file.get()) == FALSE) {
        win::ThrowLastError("FlushFileBuffers");
    }
    std::string back(record.size(), '\0');
    DWORD read = 0;
    if (::ReadFile(file.get(), back.data(), sizeBytes, &read, &place) == FALSE) {
        win::ThrowLastError("ReadFile");
    }
    if (read != sizeBytes || back != record) {
        throw win::HresultError{E_FAIL, "ReadFile"};
    }
    m_sizeBytes += sizeBytes;
}

}  // namespace wsb::bench
