#include "task-memory.hpp"

#include <cstring>
#include <cwchar>
#include <new>
#include <utility>

#include "../win/unique-any.hpp"

namespace wsb::com {

TaskStringArray::TaskStringArray(size_t count)
    : m_strings(static_cast<LPWSTR*>(::CoTaskMemAlloc(count * sizeof(LPWSTR)))), m_count(count) {
    if (m_strings == nullptr) {
        throw std::bad_alloc{};
    }
    std::memset(m_strings, 0, count * sizeof(LPWSTR));
}

TaskStringArray::~TaskStringArray() {
    if (m_strings != nullptr) {
        for (size_t index = 0; index < m_count; ++index) {
            ::CoTaskMemFree(m_strings[index]);
        }
        ::CoTaskMemFree(m_strings);
    }
}

void TaskStringArray::Set(size_t index, const wchar_t* text) {
    if (text == nullptr) {
        return;
    }
    const size_t size = (std::wcslen(text) + 1) * sizeof(wchar_t);
    auto* copy = static_cast<wchar_t*>(::CoTaskMemAlloc(size));
    if (copy == nullptr) {
        throw std::bad_alloc{};
    }
    std::memcpy(copy, text, size);
    m_strings[index] = copy;
}

LPWSTR* TaskStringArray::Detach() noexcept { return std::exchange(m_strings, nullptr); }

std::vector<std::optional<std::wstring>> TakeTaskStrings(LPWSTR* strings, size_t count) {
    using UniqueTaskMemory = win::UniqueAny<void*, ::CoTaskMemFree>;
    const UniqueTaskMemory array{strings};
    std::vector<UniqueTaskMemory> owned;
    owned.reserve(count);
    for (size_t index = 0; index < count; ++index) {
        owned.emplace_back(strings[index]);
    }
    std::vector<std::optional<std::wstring>> result;
    result.reserve(count);
    for (size_t index = 0; index < count; ++index) {
        result.push_back(strings[index] == nullptr ? std::nullopt
                                                   : std::optional<std::wstring>{strings[index]});
    }
    return result;
}

}  // namespace wsb::com
