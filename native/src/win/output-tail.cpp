#include "output-tail.hpp"

#include <windows.h>

#include <optional>

namespace wsb::win {
namespace {

/// Decodes bytes; nothing when they are not valid in the code page.
std::optional<std::wstring> Decode(std::string_view bytes, UINT codePage, DWORD flags) {
    if (bytes.empty()) {
        return std::wstring{};
    }
    const auto size = static_cast<int>(bytes.size());
    const int length = ::MultiByteToWideChar(codePage, flags, bytes.data(), size, nullptr, 0);
    if (length <= 0) {
        return std::nullopt;
    }
    std::wstring text(static_cast<size_t>(length), L'\0');
    ::MultiByteToWideChar(codePage, flags, bytes.data(), size, text.data(), length);
    return text;
}

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

/// Removes the rest of a UTF-8 character whose start was cut off.
std::string_view WithoutPartialCharacter(std::string_view bytes) {
    constexpr size_t kLongestRest = 3;
    for (size_t rest = 0; rest < kLongestRest && !bytes.empty() && IsContinuation(bytes.front());
         ++rest) {
        bytes.remove_prefix(1);
    }
    return bytes;
}

}  // namespace

void OutputTail::Append(std::string_view bytes) {
    m_bytes.append(bytes);
    // Not at each append, because cutting moves all kept bytes.
    if (m_bytes.size() > 2 * m_limit) {
        m_bytes.erase(0, m_bytes.size() - m_limit);
        m_cut = true;
    }
}

std::wstring OutputTail::Text() const {
    std::string_view bytes = m_bytes;
    const bool cut = m_cut || bytes.size() > m_limit;
    if (bytes.size() > m_limit) {
        bytes.remove_prefix(bytes.size() - m_limit);
    }
    if (auto text =
            Decode(cut ? WithoutPartialCharacter(bytes) : bytes, CP_UTF8, MB_ERR_INVALID_CHARS)) {
        return *std::move(text);
    }
    return Decode(bytes, CP_OEMCP, 0).value_or(L"");
}

}  // namespace wsb::win
