#pragma once

namespace wsb::win {

/// Uses the rights of backup programs on this thread, as far as the caller has them.
///
/// Administrators and SYSTEM then reach also what denies them access: who plants a folder can write
/// such a list. Files must be opened with FILE_FLAG_BACKUP_SEMANTICS.
class BackupAccess {
  public:
    BackupAccess();
    ~BackupAccess();
    BackupAccess(const BackupAccess&) = delete;
    BackupAccess& operator=(const BackupAccess&) = delete;
    BackupAccess(BackupAccess&&) = delete;
    BackupAccess& operator=(BackupAccess&&) = delete;

  private:
    bool m_impersonates;
};

}  // namespace wsb::win
