#include "lab/service-options.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "seed.hpp"

namespace wsb::lab {
namespace {

using test::Random;

/// Splits a command line after its first word like CommandLineToArgvW.
/// https://learn.microsoft.com/windows/win32/api/shellapi/nf-shellapi-commandlinetoargvw
std::vector<std::wstring> Split(std::wstring_view line) {
    std::vector<std::wstring> words;
    size_t at = 0;
    while (at < line.size()) {
        if (line[at] == L' ') {
            ++at;
            continue;
        }
        std::wstring& word = words.emplace_back();
        bool isQuoted = false;
        while (at < line.size() && (isQuoted || line[at] != L' ')) {
            size_t backslashes = 0;
            for (; at < line.size() && line[at] == L'\\'; ++at) {
                ++backslashes;
            }
            const bool isQuote = at < line.size() && line[at] == L'"';
            word.append(isQuote ? backslashes / 2 : backslashes, L'\\');
            if (isQuote && backslashes % 2 == 0) {
                isQuoted = !isQuoted;
                ++at;
            } else if (at < line.size() && (isQuote || isQuoted || line[at] != L' ')) {
                word.push_back(line[at++]);
            }
        }
    }
    return words;
}

std::wstring RandomText(Random& random, size_t shortest) {
    constexpr std::wstring_view kCharacters = L"ab \\\"\t-ä";
    std::wstring text;
    for (size_t length = shortest + random.Below(8); text.size() < length;) {
        text.push_back(kCharacters[random.Below(kCharacters.size())]);
    }
    return text;
}

}  // namespace

TEST_SUITE("the lab's service") {
    TEST_CASE("quotes an argument so that parsing returns it unchanged") {
        for (const wchar_t* text : {L"", L"a b", L"a\"b", L"a\\", L"a\\\\", L"a\\\"", L"\\\\a"}) {
            CHECK(Split(QuoteArgument(text)) == std::vector<std::wstring>{text});
        }
        Random random{0};
        for (int round = 0; round < 10'000; ++round) {
            const std::wstring one = RandomText(random, 0);
            const std::wstring other = RandomText(random, 0);
            CHECK(Split(QuoteArgument(one) + L' ' + QuoteArgument(other)) ==
                  std::vector<std::wstring>{one, other});
        }
    }

    TEST_CASE("runs with the behaviour that it was installed with") {
        Random random{1};
        for (int round = 0; round < 10'000; ++round) {
            Options options;
            options.name = RandomText(random, 1);
            options.behaviour = {RandomText(random, 0), random.Below(86'400'001),
                                 random.Below(86'400'001), random.OneIn(2), random.OneIn(2)};
            std::vector<std::wstring> words =
                Split(RunCommandLine(L"C:\\a b\\service.exe", options));
            words.erase(words.begin());
            const std::optional<Options> read = ParseOptions(words);
            REQUIRE(read);
            CHECK(read->command == CommandKind::kRun);
            CHECK(read->name == options.name);
            CHECK(read->behaviour.dataFile == options.behaviour.dataFile);
            CHECK(read->behaviour.startDelayMs == options.behaviour.startDelayMs);
            CHECK(read->behaviour.stopDelayMs == options.behaviour.stopDelayMs);
            CHECK(read->behaviour.refuseStop == options.behaviour.refuseStop);
            CHECK(read->behaviour.failStart == options.behaviour.failStart);
        }
    }

    TEST_CASE("reads each command") {
        const auto read = [](const wchar_t* word) { return ParseOptions({word, L"Ledger"}); };
        CHECK(read(L"install")->command == CommandKind::kInstall);
        CHECK(read(L"uninstall")->command == CommandKind::kUninstall);
        CHECK(read(L"run")->command == CommandKind::kRun);
        CHECK(read(L"shutdown")->command == CommandKind::kShutdown);
        CHECK(read(L"preshutdown")->command == CommandKind::kPreshutdown);
        CHECK_FALSE(read(L"restart"));
    }

    TEST_CASE("refuses an invalid command line") {
        using Words = std::vector<std::wstring>;
        for (const Words& words :
             {Words{}, Words{L"run"}, Words{L"run", L""}, Words{L"stop", L"a"},
              Words{L"run", L"a", L"--data"}, Words{L"run", L"a", L"--data", L""},
              Words{L"run", L"a", L"--unknown"}, Words{L"run", L"a", L"--depends", L""},
              Words{L"run", L"a", L"--start-delay-ms", L""},
              Words{L"run", L"a", L"--start-delay-ms", L"1s"},
              Words{L"run", L"a", L"--start-delay-ms", L"86400001"},
              Words{L"run", L"a", L"--stop-delay-ms", L"99999999999999999999"}}) {
            CHECK_FALSE(ParseOptions(words));
        }
    }
}

}  // namespace wsb::lab
