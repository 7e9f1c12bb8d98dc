#pragma once

#include <windows.h>

#include <optional>
#include <string>

#include "vss-pipe.hpp"

namespace wsb::lab {

/// Standard input and output as lines of json-strings.hpp.
class LineChannel {
  public:
    /// Waits for a line; nothing at the end of the input. A line that is no array of strings is an
    /// empty message.
    [[nodiscard]] std::optional<Message> Read();

    void Write(const Message& message);

  private:
    std::string m_buffer;
};

}  // namespace wsb::lab
