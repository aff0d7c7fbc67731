#include "dispatch/senders/xml_text.h"

#include <gtest/gtest.h>

namespace ferry::dispatch {
namespace {

TEST(XmlText, EscapesWhatIsMarkup) {
  EXPECT_EQ(xml_escape(R"({"a":"<b> & 'c'"})"),
            "{&quot;a&quot;:&quot;&lt;b&gt; &amp; &apos;c&apos;&quot;}");
  EXPECT_EQ(xml_escape("a\r\n\tb"), "a&#13;\n\tb");
  EXPECT_EQ(xml_escape("\xC3\xBC"), "\xC3\xBC");
  EXPECT_EQ(xml_escape(""), "");
}

TEST(XmlText, FindsAnElement) {
  constexpr std::string_view kDocument =
      R"(<?xml version="1.0"?><Error xmlns="http://mns.aliyuncs.com/doc/v1/">)"
      "<Code>QueueNotExist</Code>"
      "<Message>The queue &quot;a&amp;lt;b&quot; is unknown.</Message><HostId/></Error>";
  EXPECT_EQ(xml_element_text(kDocument, "Code"), "QueueNotExist");
  EXPECT_EQ(xml_element_text(kDocument, "Message"), R"(The queue "a&lt;b" is unknown.)");
  EXPECT_EQ(xml_element_text(kDocument, "HostId"), "");
  EXPECT_EQ(xml_element_text(kDocument, "Absent"), "");
}

TEST(XmlText, FindsNothingInWhatEndsTooEarly) {
  EXPECT_EQ(xml_element_text("<Code>Queue", "Code"), "");
  EXPECT_EQ(xml_element_text("<Cod", "Code"), "");
  EXPECT_EQ(xml_element_text("", "Code"), "");
}

}  // namespace
}  // namespace ferry::dispatch
