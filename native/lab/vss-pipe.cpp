#include "vss-pipe.hpp"

#include <cstddef>

namespace wsb::lab {
namespace {

constexpr size_t kChunk = size_t{64} * 1024;

}  // namespace

std::wstring PipePath(const std::wstring& instance) {
    return L"\\\\.\\pipe\\wsb-addin-lab-vss-" + instance;
}

bool Send(HANDLE pipe, const Message& message) {
    std::wstring text;
    for (const std::wstring& field : message) {
        text.append(field).push_back(L'\0');
    }
    DWORD written = 0;
    return ::WriteFile(pipe, text.data(), static_cast<DWORD>(text.size() * sizeof(wchar_t)),
                       &written, nullptr) != FALSE;
}

std::optional<Message> Receive(HANDLE pipe) {
    std::wstring text;
    bool isWhole = false;
    while (!isWhole) {
        const size_t start = text.size();
        text.resize(start + kChunk);
        DWORD read = 0;
        isWhole = ::ReadFile(pipe, text.data() + start,
                             static_cast<DWORD>(kChunk * sizeof(wchar_t)), &read, nullptr) != FALSE;
        if (!isWhole && ::GetLastError() != ERROR_MORE_DATA) {
            return std::nullopt;
        }
        text.resize(start + read / sizeof(wchar_t));
    }
    Message message;
    for (size_t start = 0; start < text.size();) {
        const size_t end = text.find(L'\0', start);
        message.push_back(text.substr(start, end - start));
        start = end == std::wstring::npos ? text.size() : end + 1;
    }
    return message;
}

}  // namespace wsb::lab
