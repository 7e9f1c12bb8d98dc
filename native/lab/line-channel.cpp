#include "line-channel.hpp"

#include <array>
#include <vector>

#include "json-strings.hpp"

namespace wsb::lab {
namespace {

std::wstring Widen(const std::string& text) {
    const int size =
        ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
    std::wstring wide(static_cast<size_t>(size), L'\0');
    ::MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), wide.data(),
                          size);
    return wide;
}

std::string Narrow(const std::wstring& text) {
    const int size = ::WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                           nullptr, 0, nullptr, nullptr);
    std::string narrow(static_cast<size_t>(size), '\0');
    ::WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), narrow.data(),
                          size, nullptr, nullptr);
    return narrow;
}

}  // namespace

std::optional<Message> LineChannel::Read() {
    size_t end = 0;
    while ((end = m_buffer.find('\n')) == std::string::npos) {
        std::array<char, 4096> chunk{};
        DWORD read = 0;
        if (::ReadFile(::GetStdHandle(STD_INPUT_HANDLE), chunk.data(),
                       static_cast<DWORD>(chunk.size()), &read, nullptr) == FALSE ||
            read == 0) {
            return std::nullopt;
        }
        m_buffer.append(chunk.data(), read);
    }
    const auto strings = ParseStrings(m_buffer.substr(0, end));
    m_buffer.erase(0, end + 1);
    Message message;
    if (strings) {
        for (const std::string& text : *strings) {
            message.push_back(Widen(text));
        }
    }
    return message;
}

void LineChannel::Write(const Message& message) {
    std::vector<std::string> strings;
    for (const std::wstring& text : message) {
        strings.push_back(Narrow(text));
    }
    const std::string line = FormatStrings(strings) + "\n";
    DWORD written = 0;
    ::WriteFile(::GetStdHandle(STD_OUTPUT_HANDLE), line.data(), static_cast<DWORD>(line.size()),
                &written, nullptr);
}

}  // namespace wsb::lab
