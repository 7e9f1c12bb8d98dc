#include "express-store.hpp"

#include <vss.h>
#include <vsserror.h>

#include <array>

#include "express-document.hpp"
#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::lab {
namespace {

void CloseFile(HANDLE file) noexcept { ::CloseHandle(file); }
using UniqueFile = win::UniqueAny<HANDLE, CloseFile>;

std::wstring WindowsFolder() {
    std::array<wchar_t, MAX_PATH> folder{};
    const UINT length = ::GetWindowsDirectoryW(folder.data(), static_cast<UINT>(folder.size()));
    if (length == 0) {
        win::ThrowLastError("GetWindowsDirectoryW");
    }
    return {folder.data(), length};
}

/// Makes the store's folders, and returns the last one.
std::wstring StoreFolder() {
    std::wstring folder = WindowsFolder();
    for (const wchar_t* name : {L"\\Vss", L"\\Writers", L"\\Application"}) {
        folder += name;
        if (::CreateDirectoryW(folder.c_str(), nullptr) == FALSE &&
            ::GetLastError() != ERROR_ALREADY_EXISTS) {
            win::ThrowLastError("CreateDirectoryW");
        }
    }
    return folder;
}

std::wstring DocumentPath(const GUID& writerId) {
    return StoreFolder() + L"\\" + PlainGuid(writerId) + L".xml";
}

void WriteDurably(const std::wstring& path, const std::wstring& text) {
    const HANDLE handle = ::CreateFileW(path.c_str(), GENERIC_WRITE, 0, nullptr, CREATE_ALWAYS,
                                        FILE_ATTRIBUTE_NORMAL, nullptr);
    if (handle == INVALID_HANDLE_VALUE) {
        win::ThrowLastError("CreateFileW");
    }
    const UniqueFile file{handle};
    const auto size = static_cast<DWORD>(text.size() * sizeof(wchar_t));
    DWORD written = 0;
    if (::WriteFile(handle, text.data(), size, &written, nullptr) == FALSE || written != size ||
        ::FlushFileBuffers(handle) == FALSE) {
        win::ThrowLastError("WriteFile");
    }
}

}  // namespace

void StoreDocument(const GUID& writerId, const std::wstring& xml) {
    const std::wstring path = DocumentPath(writerId);
    const std::wstring temporary = path + L".new";
    WriteDurably(temporary, L"\uFEFF" + xml);
    // Without MOVEFILE_REPLACE_EXISTING: of two writers with one id, the first stays.
    if (::MoveFileExW(temporary.c_str(), path.c_str(), MOVEFILE_WRITE_THROUGH) == FALSE) {
        const DWORD code = ::GetLastError();
        ::DeleteFileW(temporary.c_str());
        throw win::HresultError{code == ERROR_ALREADY_EXISTS || code == ERROR_FILE_EXISTS
                                    ? VSS_E_OBJECT_ALREADY_EXISTS
                                    : HRESULT_FROM_WIN32(code),
                                "Register"};
    }
}

void RemoveDocument(const GUID& writerId) {
    if (::DeleteFileW(DocumentPath(writerId).c_str()) == FALSE) {
        const DWORD code = ::GetLastError();
        throw win::HresultError{
            code == ERROR_FILE_NOT_FOUND ? VSS_E_OBJECT_NOT_FOUND : HRESULT_FROM_WIN32(code),
            "Unregister"};
    }
}

}  // namespace wsb::lab
