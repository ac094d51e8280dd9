// The bytes of the bundled page, between two symbols that are seen within the program or extension only.
    .section .rodata
    .global retwin_page_begin
    .global retwin_page_end
    .hidden retwin_page_begin
    .hidden retwin_page_end
retwin_page_begin:
    .incbin "page.html"
retwin_page_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
