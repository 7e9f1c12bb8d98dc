#include "json-strings.hpp"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace wsb::lab {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

void AppendUtf8(std::string& text, uint32_t code) {
    if (code < 0x80) {
        text += static_cast<char>(code);
        return;
    }
    if (code < 0x800) {
        text += static_cast<char>(0xC0 | (code >> 6));
    } else {
        if (code < 0x10000) {
            text += static_cast<char>(0xE0 | (code >> 12));
        } else {
            text += static_cast<char>(0xF0 | (code >> 18));
            text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        }
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    }
    text += static_cast<char>(0x80 | (code & 0x3F));
}

class Reader {
  public:
    explicit Reader(std::string_view line) : m_rest(line) {}

    [[nodiscard]] bool Take(char wanted) {
        SkipSpaces();
        if (!m_rest.starts_with(wanted)) {
            return false;
        }
        m_rest.remove_prefix(1);
        return true;
    }

    [[nodiscard]] bool IsAtEnd() {
        SkipSpaces();
        return m_rest.empty();
    }

    [[nodiscard]] std::optional<std::string> TakeString() {
        if (!Take('"')) {
            return std::nullopt;
        }
        std::string text;
        while (!m_rest.empty()) {
            const char unit = Next();
            if (unit == '"') {
                return text;
            }
            if (unit != '\\') {
                text += unit;
            } else if (!TakeEscape(text)) {
                return std::nullopt;
            }
        }
        return std::nullopt;
    }

  private:
    void SkipSpaces() {
        while (!m_rest.empty() && std::string_view{" \t\r\n"}.find(m_rest[0]) != m_rest.npos) {
            m_rest.remove_prefix(1);
        }
    }

    char Next() {
        const char unit = m_rest[0];
        m_rest.remove_prefix(1);
        return unit;
    }

    bool TakeEscape(std::string& text) {
        if (m_rest.empty()) {
            return false;
        }
        const char kind = Next();
        constexpr std::string_view kKinds = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        if (const size_t index = kKinds.find(kind); index != kKinds.npos) {
            text += kMeanings[index];
            return true;
        }
        const auto unit = kind == 'u' ? TakeHex() : std::nullopt;
        if (!unit) {
            return false;
        }
        AppendUtf8(text, CompletePair(*unit));
        return true;
    }

    std::optional<uint32_t> TakeHex() {
        if (m_rest.size() < 4) {
            return std::nullopt;
        }
        uint32_t value = 0;
        const char* const end = m_rest.data() + 4;
        const auto [stop, error] = std::from_chars(m_rest.data(), end, value, 16);
        if (error != std::errc{} || stop != end) {
            return std::nullopt;
        }
        m_rest.remove_prefix(4);
        return value;
    }

    uint32_t CompletePair(uint32_t unit) {
        if (unit < 0xD800 || unit > 0xDFFF) {
            return unit;
        }
        if (unit > 0xDBFF || !m_rest.starts_with("\\u")) {
            return kReplacement;
        }
        const std::string_view before = m_rest;
        m_rest.remove_prefix(2);
        const auto low = TakeHex();
        if (low && *low >= 0xDC00 && *low <= 0xDFFF) {
            return 0x10000 + ((unit - 0xD800) << 10) + (*low - 0xDC00);
        }
        m_rest = before;
        return kReplacement;
    }

    std::string_view m_rest;
};

void AppendEscaped(std::string& line, char unit) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto code = static_cast<unsigned char>(unit);
    if (unit == '"' || unit == '\\') {
        line += '\\';
        line += unit;
    } else if (code < 0x20) {
        line.append("\\u00").append({kDigits[code >> 4], kDigits[code & 0xF]});
    } else {
        line += unit;
    }
}

}  // namespace

std::optional<std::vector<std::string>> ParseStrings(std::string_view line) {
    Reader reader{line};
    std::vector<std::string> strings;
    if (!reader.Take('[')) {
        return std::nullopt;
    }
    bool isOver = reader.Take(']');
    while (!isOver) {
        auto text = reader.TakeString();
        if (!text) {
            return std::nullopt;
        }
        strings.push_back(*std::move(text));
        isOver = !reader.Take(',');
        if (isOver && !reader.Take(']')) {
            return std::nullopt;
        }
    }
    return reader.IsAtEnd() ? std::optional{strings} : std::nullopt;
}

std::string FormatStrings(const std::vector<std::string>& strings) {
    std::string line = "[";
    for (const std::string& text : strings) {
        line += line.size() > 1 ? ",\"" : "\"";
        for (const char unit : text) {
            AppendEscaped(line, unit);
        }
        line += '"';
    }
    return line + "]";
}

}  // namespace wsb::lab
