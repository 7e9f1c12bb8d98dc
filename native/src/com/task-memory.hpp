#pragma once

#include <windows.h>

#include <objbase.h>

#include <optional>
#include <string>
#include <vector>

namespace wsb::com {

/// An array of strings in task memory, which COM passes to a caller who frees it.
/// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemalloc
class TaskStringArray {
  public:
    /// Allocates `count` strings, all null.
    explicit TaskStringArray(size_t count);
    TaskStringArray(const TaskStringArray&) = delete;
    TaskStringArray& operator=(const TaskStringArray&) = delete;
    ~TaskStringArray();

    /// Copies `text` to `index`; null stays null.
    void Set(size_t index, const wchar_t* text);

    /// Transfers the array to the caller.
    [[nodiscard]] LPWSTR* Detach() noexcept;

  private:
    LPWSTR* m_strings;
    size_t m_count;
};

/// Copies the strings that a callee returned, then frees them and their array.
[[nodiscard]] std::vector<std::optional<std::wstring>> TakeTaskStrings(LPWSTR* strings,
                                                                       size_t count);

}  // namespace wsb::com
