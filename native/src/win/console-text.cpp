#include "console-text.hpp"

#include <limits>

#include "hresult.hpp"

namespace wsb::win {

CodePages ReadCodePages() { return {::GetConsoleOutputCP(), ::GetOEMCP()}; }

std::wstring DecodeText(UINT code_page, const std::vector<uint8_t>& bytes) {
    if (bytes.empty()) {
        return {};
    }
    if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max())) {
        throw HresultError(E_INVALIDARG, "MultiByteToWideChar");
    }
    const auto* text = reinterpret_cast<const char*>(bytes.data());
    const auto length = static_cast<int>(bytes.size());
    const int needed = ::MultiByteToWideChar(code_page, 0, text, length, nullptr, 0);
    if (needed == 0) {
        ThrowLastError("MultiByteToWideChar");
    }
    std::wstring decoded(static_cast<size_t>(needed), L'\0');
    if (::MultiByteToWideChar(code_page, 0, text, length, decoded.data(), needed) == 0) {
        ThrowLastError("MultiByteToWideChar");
    }
    return decoded;
}

}  // namespace wsb::win
