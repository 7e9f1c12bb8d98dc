#pragma once

#include <napi.h>

#include <vector>

#include "../core/call-sink.hpp"

namespace wsb::napi {

/// Carries components to JavaScript. The names of their fields become JavaScript strings once for a
/// whole list, not with each of 10,000 components; lives no longer than the handle scope around it.
class ComponentWriter {
  public:
    explicit ComponentWriter(Napi::Env env);

    [[nodiscard]] Napi::Object Write(const Napi::Value& componentName,
                                     const Napi::Value& logicalPath) const;

  private:
    const Napi::Env m_env;
    const Napi::String m_componentName;
    const Napi::String m_logicalPath;
};

/// The components of a JavaScript array; a TypeError that names `what` for anything else.
[[nodiscard]] std::vector<OwnedComponent> ReadComponents(const Napi::Value& value,
                                                         const char* what);

}  // namespace wsb::napi
