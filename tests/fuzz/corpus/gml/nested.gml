Creator "me"
graph [ a [ b [ c [ d 1 ] ] ] node [ id 1 graphics [ x 1.5 ] ] ]
