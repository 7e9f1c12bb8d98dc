#pragma once

#include <windows.h>

#include <objbase.h>

#include <optional>
#include <string>
#include <vector>

namespace wsb::com {

/// An array of strings in task memory, as COM hands it to a caller who frees it.
/// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-cotaskmemalloc
class TaskStringArray {
  public:
    /// Room for `count` strings, all null.
    explicit TaskStringArray(size_t count);
    TaskStringArray(const TaskStringArray&) = delete;
    TaskStringArray& operator=(const TaskStringArray&) = delete;
    ~TaskStringArray();

    /// Copies `text` to `index`; null stays null.
    void Set(size_t index, const wchar_t* text);

    /// Gives the array to the caller.
    [[nodiscard]] LPWSTR* Detach() noexcept;

  private:
    LPWSTR* m_strings;
    size_t m_count;
};

/// Takes what a callee returned: copies `strings` and frees array and strings.
[[nodiscard]] std::vector<std::optional<std::wstring>> TakeTaskStrings(LPWSTR* strings,
                                                                       size_t count);

}  // namespace wsb::com
