#include "lab/json-strings.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "seed.hpp"

namespace wsb::lab {

using Strings = std::vector<std::string>;

TEST_SUITE("a line of the lab's programs") {
    TEST_CASE("is read like JSON") {
        CHECK(ParseStrings("[]") == Strings{});
        CHECK(ParseStrings(R"( [ "a" , "" ] )") == Strings{"a", ""});
        CHECK(ParseStrings(R"(["\"\\\/\b\f\n\r\t"])") == Strings{"\"\\/\b\f\n\r\t"});
        CHECK(ParseStrings(R"(["\u0041\u00e9\u20AC\ud83d\ude00"])") ==
              Strings{"A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"});
        CHECK(ParseStrings("[\"\xC3\xA9\"]") == Strings{"\xC3\xA9"});
    }

    TEST_CASE("replaces half a pair of surrogates") {
        const std::string replaced = "\xEF\xBF\xBD";
        CHECK(ParseStrings(R"(["\ud83d"])") == Strings{replaced});
        CHECK(ParseStrings(R"(["\ude00x"])") == Strings{replaced + "x"});
        CHECK(ParseStrings(R"(["\ud83d\u0041"])") == Strings{replaced + "A"});
    }

    TEST_CASE("is refused when it is anything else") {
        for (const char* line :
             {"", "[", "]", "[\"a\"", "[\"a", "[\"a\",]", "[,]", "[1]", "[null]", "{}", "\"a\"",
              "[\"a\"]x", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\u12g4\"]", "[\"\\", "[\"a\" \"b\"]"}) {
            CAPTURE(line);
            CHECK_FALSE(ParseStrings(line));
        }
    }

    TEST_CASE("is read as it was written") {
        test::Random random{0x15};
        for (int run = 0; run < 500; ++run) {
            Strings strings(random.Below(4));
            for (std::string& text : strings) {
                for (uint32_t left = random.Below(8); left > 0; --left) {
                    text += static_cast<char>(random.Below(0x80));
                }
            }
            const std::string line = FormatStrings(strings);
            CHECK(line.find('\n') == std::string::npos);
            CHECK(ParseStrings(line) == strings);
        }
    }
}

}  // namespace wsb::lab
