#include "protected-file.hpp"

#include <windows.h>

#include <utility>

#include "backup-access.hpp"
#include "file-security.hpp"
#include "hresult.hpp"
#include "security.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr DWORD kLook = READ_CONTROL | FILE_READ_ATTRIBUTES;

/// Does a file operation, and again with the rights of backup programs when access is denied.
/// Getting these rights takes far longer than the operation.
/// @param attempt Returns ERROR_SUCCESS or the reason of its failure.
template <typename Attempt>
DWORD WithAllRights(Attempt attempt) {
    const DWORD error = attempt();
    if (error != ERROR_ACCESS_DENIED) {
        return error;
    }
    const BackupAccess access;
    return attempt();
}

/// Empty when there is nothing at the path.
UniqueHandle OpenItself(const std::wstring& path, DWORD access, DWORD share) {
    UniqueHandle opened;
    const DWORD error = WithAllRights([&]() -> DWORD {
        const HANDLE handle =
            ::CreateFileW(path.c_str(), access, share, nullptr, OPEN_EXISTING,
                          FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
        if (handle == INVALID_HANDLE_VALUE) {
            return ::GetLastError();
        }
        opened = UniqueHandle{handle};
        return ERROR_SUCCESS;
    });
    if (error != ERROR_SUCCESS && error != ERROR_FILE_NOT_FOUND && error != ERROR_PATH_NOT_FOUND) {
        throw HresultError{HRESULT_FROM_WIN32(error), "CreateFileW"};
    }
    return opened;
}

BY_HANDLE_FILE_INFORMATION InformationOf(HANDLE handle) {
    BY_HANDLE_FILE_INFORMATION information{};
    if (::GetFileInformationByHandle(handle, &information) == FALSE) {
        ThrowLastError("GetFileInformationByHandle");
    }
    return information;
}

ObjectFacts FactsOf(HANDLE handle) {
    const BY_HANDLE_FILE_INFORMATION information = InformationOf(handle);
    const DWORD attributes = information.dwFileAttributes;
    FileSecurity security = ReadFileSecurity(handle);
    return {(attributes & FILE_ATTRIBUTE_DIRECTORY) != 0 ? ObjectKind::kFolder : ObjectKind::kFile,
            (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0, information.nNumberOfLinks,
            std::move(security.owner), std::move(security.entries)};
}

/// Opens trusted folders, one below the other, and keeps them in their places.
class FolderChain {
  public:
    explicit FolderChain(const std::vector<std::wstring>& trusted) : m_trusted(trusted) {}

    /// Returns how a read ends here: a missing or a foreign folder; nothing when it goes on.
    [[nodiscard]] std::optional<ProtectedRead> Enter(const std::wstring& path) {
        // Without FILE_SHARE_DELETE nobody can rename the folder. FILE_LIST_DIRECTORY takes part in
        // sharing, unlike the rights to attributes and security.
        UniqueHandle folder =
            OpenItself(path, kLook | FILE_LIST_DIRECTORY, FILE_SHARE_READ | FILE_SHARE_WRITE);
        if (!folder) {
            return ProtectedRead{};
        }
        ObjectFacts facts = FactsOf(folder.get());
        if (auto distrust = FindDistrust(facts, ObjectKind::kFolder, m_trusted)) {
            return ForeignPath{path, std::move(facts.owner), *std::move(distrust)};
        }
        m_folders.push_back(std::move(folder));
        return std::nullopt;
    }

  private:
    const std::vector<std::wstring>& m_trusted;
    std::vector<UniqueHandle> m_folders;
};

std::vector<uint8_t> ReadWhole(HANDLE file, uint32_t maxBytes) {
    const BY_HANDLE_FILE_INFORMATION information = InformationOf(file);
    if (information.nFileSizeHigh != 0 || information.nFileSizeLow > maxBytes) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE), "ReadFile"};
    }
    std::vector<uint8_t> bytes(information.nFileSizeLow);
    DWORD total = 0;
    while (total < bytes.size()) {
        DWORD read = 0;
        if (::ReadFile(file, bytes.data() + total, static_cast<DWORD>(bytes.size()) - total, &read,
                       nullptr) == FALSE) {
            ThrowLastError("ReadFile");
        }
        if (read == 0) {
            break;  // another process has cut the file
        }
        total += read;
    }
    bytes.resize(total);
    return bytes;
}

}  // namespace

std::optional<Inspection> InspectProtected(const std::wstring& path) {
    const UniqueHandle handle = OpenItself(path, kLook, kShareAll);
    if (!handle) {
        return std::nullopt;
    }
    ObjectFacts facts = FactsOf(handle.get());
    auto distrust = FindDistrust(facts, facts.kind, TrustedAccounts());
    return Inspection{facts.kind, facts.isReparsePoint, std::move(facts.owner),
                      std::move(distrust)};
}

ProtectedRead ReadProtectedFile(const std::vector<std::wstring>& folders, const std::wstring& file,
                                uint32_t maxBytes) {
    const std::vector<std::wstring> trusted = TrustedAccounts();
    FolderChain chain{trusted};
    for (const std::wstring& folder : folders) {
        if (auto stop = chain.Enter(folder)) {
            return *std::move(stop);
        }
    }
    const UniqueHandle handle = OpenItself(file, GENERIC_READ, kShareAll);
    if (!handle) {
        return {};
    }
    ObjectFacts facts = FactsOf(handle.get());
    if (auto distrust = FindDistrust(facts, ObjectKind::kFile, trusted)) {
        return ForeignPath{file, std::move(facts.owner), *std::move(distrust)};
    }
    return ReadWhole(handle.get(), maxBytes);
}

void MoveAside(const std::wstring& from, const std::wstring& to) {
    const DWORD error = WithAllRights([&]() -> DWORD {
        return ::MoveFileExW(from.c_str(), to.c_str(), 0) == FALSE ? ::GetLastError()
                                                                   : ERROR_SUCCESS;
    });
    if (error != ERROR_SUCCESS) {
        throw HresultError{HRESULT_FROM_WIN32(error), "MoveFileExW"};
    }
}

}  // namespace wsb::win
