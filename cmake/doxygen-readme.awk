# Gives the headings of a Markdown file the anchors that GitHub gives them.
/^```/ { code = !code }
!code && /^## / {
  anchor = tolower(substr($0, 4))
  gsub(/[^a-z0-9 -]/, "", anchor)
  gsub(/ /, "-", anchor)
  $0 = $0 " {#" anchor "}"
}
{ print }
